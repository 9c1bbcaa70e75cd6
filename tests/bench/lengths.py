"""What recording costs runs of some lengths, pooled over programs.

    lengths.py PGO-RECORD COMMANDS "LENGTH..." "TRIPLES..."

COMMANDS has a line "NAME COMMAND... SIZE" for each program, of which SIZE (or the number in it) sets how long it takes;
LENGTHs are seconds of CPU time, TRIPLES how often each is run plain, recorded and plain again.  See lengths.sh.
"""
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import time

record = sys.argv[1]
programs = [line.split() for line in open(sys.argv[2])]
BUDGET, START, WIDEST = 0.01, 0.006, 0.005  # of CPU time; seconds; of the ratio, to each side
TURN = 0.05  # seconds
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])


def group_end(groups):
    for group in groups:
        os.killpg(group, signal.SIGKILL)


def cpu_seconds(*commands):
    """User and system time of each.  They run at the same time and in turns, on this CPU: what else the machine does, and what
    its host does, is common to all."""
    groups, times = {}, {}
    for number, command in enumerate(commands):
        groups[number] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True).pid
        os.killpg(groups[number], signal.SIGSTOP)
    while groups:
        for number, group in list(groups.items()):
            os.killpg(group, signal.SIGCONT)
            time.sleep(TURN)
            ended, status, usage = os.wait4(group, os.WNOHANG)
            if not ended:
                os.killpg(group, signal.SIGSTOP)
                continue
            del groups[number]
            if status:
                group_end(groups.values())
                sys.exit("lengths: %s: status %d" % (" ".join(commands[number]), status))
            times[number] = usage.ru_utime + usage.ru_stime
    return [times[number] for number in range(len(commands))]


def sized(command, size):
    """The command with another size; compilers take files of some sizes."""
    last = command[-1]
    if last.endswith(".c"):
        sizes = sorted(int(name[3:-2]) for name in os.listdir(".") if re.fullmatch(r"big\d+\.c", name))
        size = min(sizes, key=lambda other: abs(math.log(other / size)))
    return command[:-1] + [re.sub(r"\d+", str(max(1, round(size))), last)]


def command_of_length(command, seconds):
    size = int(re.search(r"\d+", command[-1])[0])
    for _ in range(3):
        took = cpu_seconds(sized(command, size))[0]
        if 0.8 < took / seconds < 1.25:
            break
        size *= min(seconds / max(took, 0.02), 8)
    return sized(command, size)


def triple(command, turn):
    ways = {"plain": command, "recorded": [record, "-q", "-o", "one-%p.pgoraw", "--", *command], "again": command}
    order = ["plain", "recorded", "again"]
    order = order[turn % 3:] + order[: turn % 3]
    times = dict(zip(order, cpu_seconds(*[ways[way] for way in order])))
    for name in os.listdir("."):
        if name.startswith("one-"):
            os.unlink(name)
    return times


def mean_and_error(values):
    """Of one value the error is not known: None."""
    return statistics.mean(values), statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None


def row(name, seconds, pairs):
    """(mean, error) of the logarithms of recorded and of again beside the plain runs; printed as ratios."""
    found = []
    for way in ("recorded", "again"):
        beside = [math.log(pair[way] / (pair["plain"] if way == "again" else (pair["plain"] + pair["again"]) / 2)) for pair in pairs]
        found.append(mean_and_error(beside))
    print_row(name, seconds, found)
    return found


def print_row(name, seconds, found):
    words = ["%.4f  %.4f ... %.4f" % tuple(math.exp(value) for value in (mean, mean - 1.96 * error, mean + 1.96 * error))
             if error is not None else "%.4f" % math.exp(mean) for mean, error in found]
    print("  %-8s %8s   %s   %s" % (name, "%.2f" % seconds if seconds else "", *words), flush=True)


def pooled_way(found):
    """Errors of single runs where they are known; else the programs' own differences count as errors too, which is more."""
    if any(error is None for _, error in found):
        return mean_and_error([mean for mean, _ in found])
    return statistics.mean(mean for mean, _ in found), math.sqrt(sum(error ** 2 for _, error in found)) / len(found)


def pooled(rows):
    return [pooled_way([row[way] for row in rows]) for way in (0, 1)]


missed = 0
for length, count in zip(sys.argv[3].split(), sys.argv[4].split()):
    print("\n== CPU time recorded / plain, runs of %s s, %s times each (at 1 %%)" % (length, count))
    print("  %-8s %8s   %-26s   %s" % ("program", "seconds", "recorded / plain", "plain again / plain"))
    rows = []
    for name, *command in programs:
        command = command_of_length(command, float(length))
        pairs = [triple(command, turn) for turn in range(int(count))]
        rows.append(row(name, statistics.median(pair["plain"] for pair in pairs), pairs))
    result = pooled(rows)
    print_row("all", 0, result)
    mean, error = result[0]
    allowed = BUDGET + START / float(length)
    good = math.exp(mean - 1.96 * error) - 1 <= allowed and 1.96 * error <= WIDEST
    missed |= not good
    print("  %s %s s: at most 1 + %.4f, known to %.3f of %.3f" % ("met   " if good else "MISSED", length, allowed, 1.96 * error, WIDEST))
sys.exit(missed)
