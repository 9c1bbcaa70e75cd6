#!/bin/sh
# cost.sh BUILD: what a sample costs, on SQLite, at four rates, and the floor beneath it.
#   clock      time in the handler a sample, by the handler's own clock, which runs on while
#              another process has the CPU: median of three runs
#   CPU        the same as CPU time: the share of perf's samples with a frame of
#              libpgoshim-core.so, of the CPU time of the runs without perf.  On a quiet
#              machine both are alike
#   decoding   of it: those of perf's samples in decode.c and Zydis; so the handler needs no
#              counter of its own for it
#   delivery   all the rest: (CPU time recorded - plain) a sample, of interleaved pairs, less
#              the handler; what the caches lose is in it.  Only where there are enough
#              samples for the difference to show
#   floor      an empty handler of the same signals (programs/signal_floor.c), and what the
#              delivery of one costs in times that it takes to come, by which the governor
#              reckons (programs/delivery.c)
# The goals: two thirds of what a prototype took (handler 52 us a sample at 250/s, 24 at
# 1,000, 14 at 4,000; decoding 7 at 1,000; its delivery was 12), with windows of 32 branches
# and nothing but look-ahead, as it had them.  Below, as the recorder comes: windows as long as
# pay, and call stacks.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
load_warning
runs=$([ -n "$quick" ] && echo 1 || echo 3)

program_has sqlite || exit 77
program_build sqlite
program_build signal_floor
program_build delivery
plain=$(program_run sqlite short)
# Four times the timed size: cold code is a small part of a long run.
size=${plain##* }
longer="${plain% *} $((size * 4))"

title "The floor: an empty handler of perf_event CPU-clock signals"
floor="$programs/signal_floor 4000 $([ -n "$quick" ] && echo 6 50 || echo 40 150)"
echo "  command: $floor"
$floor | sed 's/^/  /' || exit 3
title "Delivery beside the time that a signal takes to come: medians of slices of work with one in them"
"$programs/delivery" $([ -n "$quick" ] && echo 1 || echo 6) | sed 's/^/  /' || exit 3

# Of perf's samples: all, those in the handler, and those of them in the decoder.
handler_samples() { # PERF.DATA
    perf script -i "$1" -F ip,sym,dso 2>/dev/null | python3 -c '
import collections, subprocess, sys
core = sys.argv[1]
sources = {}
for line in subprocess.run(["nm", "-l", core], capture_output=True, text=True).stdout.splitlines():
    parts = line.split()
    if len(parts) >= 4:
        sources[parts[2]] = parts[3].rsplit(":", 1)[0].rsplit("/", 1)[-1]
every = handler = decoding = 0
for sample in sys.stdin.read().split("\n\n"):
    every += bool(sample.strip())
    frames = [line.split(None, 1)[1] for line in sample.splitlines() if len(line.split(None, 1)) > 1]
    if not any("libpgoshim-core" in frame or "libZydis" in frame for frame in frames):
        continue
    handler += 1
    names = [frame.rsplit(" (", 1)[0].split("+")[0] for frame in frames]
    decoding += any("libZydis" in frame or "libpgoshim-core" in frame and
                    sources.get(name) == "decode.c" for frame, name in zip(frames, names))
print(every, handler, decoding)' "$build/libpgoshim-core.so"
}

# rates_table TITLE PROTOTYPE OPTIONS...: a row a rate; PROTOTYPE yes: beside its figures
rates_table() {
    title "$1 ($(basename "$record") -F RATE --budget 100 -- sqlite ${longer##* })"
    prototype=$2
    shift 2
    printf '  %7s %8s %9s %9s %9s %10s %9s %9s %9s  %s\n' rate/s samples clock CPU decoding decoded \
        instr. prototype goal ''
    printf '  %7s %8s %9s %9s %9s %10s %9s %9s %9s\n' '' '' us/sample us/sample us/sample a-sample a-window \
        us 2/3
    for rate in 100 250 1000 4000; do
        note "rate $rate: $runs runs, and one under perf"
        for run in $(seq "$runs"); do
            rm -f "raw.$run"
            cpu_seconds "seconds.$run" "$record" -q -F "$rate" --budget 100 "$@" -o "raw.$run" -- $longer || exit 3
            counters "raw.$run" >"counters.$run"
        done
        seen="0 0 0"
        if perf record -q -g -e cpu-clock -F 9973 -o perf.data -- "$record" -q --force -F "$rate" --budget 100 \
            "$@" -o raw.perf -- $longer >/dev/null 2>perf.log; then
            seen=$(handler_samples perf.data)
        fi
        rm -f perf.data
        python3 - "$prototype" "$rate" "$runs" $seen <<'END'
import json, statistics, sys
rate, runs, every, handler, decoding = map(int, sys.argv[2:])
prototype = {250: 52, 1000: 24, 4000: 14}.get(rate) if sys.argv[1] == "yes" else None
counters = [json.load(open("counters.%d" % (run + 1))) for run in range(runs)]
seconds = sum(float(open("seconds.%d" % (run + 1)).read()) for run in range(runs))
total = lambda key: sum(c.get(key, 0) for c in counters)
clock = statistics.median(c["HANDLER_NANOSECONDS"] / c["SAMPLES"] / 1000 for c in counters)
by_perf = lambda seen: seen / every * seconds * 1e6 / total("SAMPLES") if every else None
text = lambda number: "no perf" if number is None else "%.1f" % number
goals = []
if prototype:
    goals.append((clock <= prototype * 2 / 3,
        "handler at %d/s: %.1f us by its clock (goal %.1f)" % (rate, clock, prototype * 2 / 3)))
if prototype and rate == 1000 and every:
    goals.append((by_perf(decoding) <= 7 * 2 / 3,
        "decoding at 1000/s: %.1f us (goal %.1f)" % (by_perf(decoding), 7 * 2 / 3)))
print("  %7d %8d %9.1f %9s %9s %10.1f %9.0f %9s %9s  %s" % (rate, total("SAMPLES") / runs, clock,
    text(by_perf(handler)), text(by_perf(decoding)), total("DECODED") / total("SAMPLES"),
    total("INSTRUCTIONS") / total("SAMPLES"), prototype or "-",
    text(prototype * 2 / 3) if prototype else "-",
    "" if not prototype else "met" if clock <= prototype * 2 / 3 else "MISSED"))
with open("rates", "a") as rates:
    for good, words in goals:
        rates.write("%s %s\n" % (good, words))
END
    done
}
: >rates
rates_table "Time in the handler: look-ahead, windows of 32 branches" yes --window 32 --stacks off
rates_table "Time in the handler: as the recorder comes" no

title "Delivery: CPU time recorded / plain less the handler ($pairs interleaved pairs, pgo-bolt compare --shell)"
printf '  %7s %8s %18s %9s %9s  %s\n' rate/s samples 'ratio' 'us/sample' delivery '95 % interval of delivery'
for rate in 1000 4000; do
    note "rate $rate: $pairs pairs"
    rm -rf out && mkdir out
    compared pairs.json --shell "$plain" "$record -q -F $rate --budget 100 -o $work/out/%p.raw -- $plain"
    counters out/*.raw >counters.pairs
    python3 - "$rate" "$(ls out | wc -l)" <<'END'
import json, sys
rate, runs = int(sys.argv[1]), int(sys.argv[2])
pairs, c = json.load(open("pairs.json"))["cpu"], json.load(open("counters.pairs"))
samples = c["SAMPLES"] / runs
handler = c["HANDLER_NANOSECONDS"] / c["SAMPLES"] / 1000
ratio = pairs["b_over_a"]
cost = lambda value: (value - 1) * pairs["a_seconds"] * 1e6 / samples
print("  %7d %8d %18.4f %9.1f %9.1f  %.1f ... %.1f" % (rate, samples, ratio["ratio"],
    cost(ratio["ratio"]), cost(ratio["ratio"]) - handler, cost(ratio["low"]) - handler,
    cost(ratio["high"]) - handler))
noise = pairs["a_over_a"]
print("  %7s %8s %18.4f %9s %9s  %.1f ... %.1f" % ("", "A/A", noise["ratio"], "",
    "%.1f" % cost(noise["ratio"]), cost(noise["low"]), cost(noise["high"])))
END
done

title "Start-up: CPU time of a program that does nothing, mean of $([ -n "$quick" ] && echo 50 || echo 200) runs each, interleaved"
python3 - "$build/libpgoshim.so" "$work/start.%p" "$([ -n "$quick" ] && echo 50 || echo 200)" <<'END'
import os, resource, subprocess, sys
def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
sums, runs = [0.0, 0.0], int(sys.argv[3])
for _ in range(runs):
    for i, extra in enumerate(({}, {"LD_PRELOAD": sys.argv[1], "PGOSHIM_FILE": sys.argv[2]})):
        before = cpu()
        subprocess.run(["/bin/true"], env={**os.environ, **extra})
        sums[i] += cpu() - before
print("  plain %.2f ms, with the shim %.2f ms" % tuple(1000 * s / runs for s in sums))
END

bars rates
exit $missed
