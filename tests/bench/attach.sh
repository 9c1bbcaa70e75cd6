#!/bin/sh
# attach.sh BUILD [SERVER...]: what attaching to a running server costs it, and whether the
# profile is the same as the preloaded recorder's.
#
# Each server is loaded by connections that ask, wait and ask again (programs/closed_loop.c).
# Windows of ten seconds follow each other, in rounds of three: nothing, nothing (A/A), and
# attached (pgo-record -p PID --duration 10); for each the requests that the server counted,
# and its CPU time.  A round's ratios are taken within the round; their median is shown, and the
# spread of all.  The first is the server's throughput, the second what it paid for a request.
# `by threads` is the recorder without CAP_PERFMON, where each thread has its event.
# Then the overlap, by function: the share of samples that two recordings put into the same functions; the
# preloaded ones have a budget of 25 %, for samples enough.
#
# Where real-time scheduling is allowed, server, load and recorder share one CPU that they have for
# themselves (chrt -f 1 taskset): other work does not disturb them, and they switch all the time.
#
#   memcached   four threads          redis   one thread, and its background threads
#
#   ROUNDS=6  SECONDS_WINDOW=10  CONNECTIONS=32  ALONE=no
# needs memcached or redis-server, and for `by threads` setpriv and CAP_SETPCAP.
. "$(dirname "$0")/common.sh"
shift
rounds=${ROUNDS:-$([ -n "$quick" ] && echo 2 || echo 6)}
window=${SECONDS_WINDOW:-$([ -n "$quick" ] && echo 2 || echo 10)}
gcc -O2 -Wall -Wextra -o "$programs/closed_loop" "$here/programs/closed_loop.c" || broken "closed_loop does not build"
alone=
[ "${ALONE:-yes}" = no ] || ! chrt -f 1 taskset -c $(($(nproc) - 1)) true 2>/dev/null ||
    alone="chrt -f 1 taskset -c $(($(nproc) - 1))"
threads_only=
setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin true 2>/dev/null &&
    threads_only="setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin"

measure() { # NAME PROTOCOL PORT COMMAND...
    name=$1 protocol=$2 port=$3
    shift 3
    command -v "$1" >/dev/null || {
        echo "  $name: skipped: there is none here"
        return
    }
    note "$name: $rounds rounds of windows of $window s"
    python3 - "$name" "$record" "$analyze" "$programs/closed_loop" "$protocol" "$port" "${CONNECTIONS:-32}" \
        "$rounds" "$window" "$threads_only" "$alone" "$@" <<'END' || broken "$name: see above"
import bisect, collections, json, random, socket, statistics, subprocess, sys, time
name, record, analyze, load_program, protocol, port, connections, rounds, window, threads_only, alone, *command = sys.argv[1:]
alone = alone.split()
rounds, window = int(rounds), float(window)

def server_start(prefix):
    server = subprocess.Popen(alone + prefix + command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", int(port)), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    load = subprocess.Popen(alone + [load_program, protocol, port, connections])
    time.sleep(1)
    return server, load

def requests():
    with socket.create_connection(("127.0.0.1", int(port)), 5) as link:
        link.sendall(b"stats\r\n" if protocol == "memcached" else b"INFO stats\r\n")
        text = b""
        while (b"END\r\n" if protocol == "memcached" else b"total_error_replies") not in text:
            text += link.recv(65536)
    values = dict(line.replace("STAT ", "").replace(":", " ").split()[:2] for line in text.decode().split("\r\n")
                  if len(line.replace(":", " ").split()) >= 2)
    return sum(int(values.get(key, 0)) for key in ("cmd_get", "cmd_set", "total_commands_processed"))

def state(server):
    # The process's CPU clock: clock_getcpuclockid(3)
    return requests(), time.clock_gettime((~server.pid << 3) | 2), time.monotonic()

starts = {}
def function_of(path, address):
    # Servers are shipped without symbols; their unwind tables still say where functions begin.
    if path not in starts:
        text = subprocess.run(["readelf", "--debug-dump=frames", path], capture_output=True, text=True).stdout
        starts[path] = sorted(int(line.split("pc=")[1].split("..")[0], 16) for line in text.splitlines() if " FDE " in line)
    return bisect.bisect_right(starts[path], address)

def shares(file):
    profile = json.loads(subprocess.run([analyze, "convert", "-q", "-f", "json", "-o", "-", file],
        capture_output=True, text=True).stdout)
    counts = collections.Counter()
    for trace in profile["traces"]:
        if trace["from"] is None:
            place = trace["to"]
            module = profile["modules"][place["module"]]
            counts[module["build_id"], function_of(module["path"], int(place["address"], 16))] += trace["count"]
    return {key: count / sum(counts.values()) for key, count in counts.items()}, sum(counts.values())

server, load = server_start([])
modes = ["plain", "again", "by CPU"] + (["by threads"] if threads_only else [])
seen = {mode: [] for mode in modes}
for number in range(rounds):
    for mode in modes[number % len(modes):] + modes[:number % len(modes)]:
        before = state(server)
        if mode in ("plain", "again"):
            time.sleep(window)
        else:
            prefix = threads_only.split() if mode == "by threads" else []
            done = subprocess.run(alone + prefix + [record, "-q", "--force", "-o", "%s.%s.pgoraw" % (name, mode.replace(" ", "-")),
                "-p", str(server.pid), "--duration", str(window)])
            if done.returncode:
                sys.exit("%s: the recorder's status is %d" % (name, done.returncode))
        after = state(server)
        count, cpu, wall = (b - a for a, b in zip(before, after))
        seen[mode].append((count / wall, cpu / count, cpu / wall))
unharmed = server.poll() is None and load.poll() is None
load.kill()
server.terminate()
server.wait()

preloaded = ["%s.preloaded.%d.pgoraw" % (name, number) for number in (1, 2)]
for file in preloaded:
    server, load = server_start([record, "-q", "--force", "--budget", "25", "-o", file, "--"])
    time.sleep(window)
    load.kill()
    server.terminate()
    server.wait()

ratios = {}
for mode in modes[1:]:
    for column, words in ((0, "throughput"), (1, "CPU a request")):
        all_ratios = sorted(now[column] / plain[column] for now, plain in zip(seen[mode], seen["plain"]))
        ratios[mode, column] = statistics.median(all_ratios)
        print("  %-9s %-11s %-14s %8.4f   %.4f ... %.4f" % (name, "A/A" if mode == "again" else mode, words,
            ratios[mode, column], all_ratios[0], all_ratios[-1]))
print("  %-9s %.0f requests a second, %.2f CPUs" % (name, statistics.median(row[0] for row in seen["plain"]),
    statistics.median(row[2] for row in seen["plain"])))
first, first_count = shares(preloaded[0])
overlaps = {}
for words, file in [("preloaded again", preloaded[1])] + [(mode, "%s.%s.pgoraw" % (name, mode.replace(" ", "-")))
        for mode in modes[2:]]:
    other, count = shares(file)
    overlaps[words] = 100 * sum(min(share, other.get(key, 0)) for key, share in first.items())
    # What as many samples of the preloaded recording itself would have in common with it.
    drawn = []
    for _ in range(50):
        draw = collections.Counter(random.choices(list(first), list(first.values()), k=count))
        drawn.append(100 * sum(min(share, draw[key] / count) for key, share in first.items()))
    hottest = lambda table: set(sorted(table, key=table.get)[-5:])
    print("  %-9s overlap with the preloaded recording (%d samples): %.1f %%, as many of its own %.1f %%, %d of its 5 hottest functions: %s (%d samples)" %
        (name, first_count, overlaps[words], statistics.mean(drawn), len(hottest(first) & hottest(other)), words, count))
noise = max(abs(ratios["again", column] - 1) for column in (0, 1))
with open("rows", "a") as rows:
    rows.write("%s %s: unharmed\n" % (unharmed, name))
    for mode in modes[2:]:
        within = ratios[mode, 1] - 1 <= 0.01 + noise
        rows.write("%s %s %s: CPU a request %+.2f %%, the budget is 1 %% and A/A %.2f %%\n" %
                   (within, name, mode, 100 * (ratios[mode, 1] - 1), 100 * noise))
END
}

load_warning
title "Attached / alone, median of $rounds rounds of windows of $window s, and all (pgo-record -p PID --duration $window)${alone:+, on a CPU of their own}"
: >rows
only=" $* "
measured() { # NAME PROTOCOL PORT COMMAND...
    [ "$only" = "  " ] || case $only in *" $1 "*) ;; *) return ;; esac
    measure "$@"
}
user=
[ "$(id -u)" -ne 0 ] || user="-u root"
measured memcached memcached 17411 memcached $user -p 17411 -l 127.0.0.1 -t 4
measured redis redis 17412 redis-server --port 17412 --bind 127.0.0.1 --save '' --appendonly no

[ -s rows ] || skip "neither memcached nor redis-server is here"
bars rows
exit $missed
