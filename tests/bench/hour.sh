#!/bin/sh
# hour.sh BUILD [clang|threads...]: is what recording needs bounded in time?
# The default budget takes some 200 to 400 samples a second of CPU time: an hour has about
# 1.2 million.  That many are taken in minutes here, by a high rate with the budget off, of a
# program with huge code (clang, one process) and of one with 16 threads; the file's size and
# the process's resident memory are watched, beside those of the plain program, run at the
# same time, at the same share of its CPU time.
# Bars: the file stays within its limit (16 MiB); of what recording adds to resident memory, the
# second half of the run adds less than a tenth and a MiB.
#   SAMPLES=1200000  about that many         RATE=4000  a second of CPU time
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- clang threads
rate=${RATE:-4000}
samples=${SAMPLES:-$([ -n "$quick" ] && echo 15000 || echo 1200000)}
limit=16777216

hour_row() { # NAME COMMAND...
    name=$1
    shift
    note "$name, plain and recorded at the same time: $*"
    rm -f "$name.raw"
    python3 "$here/watch.py" "$name.plain" - "$analyze" "$@" &
    plain=$!
    python3 "$here/watch.py" "$name.recorded" "$work/$name.raw" "$analyze" \
        env LD_PRELOAD="$build/libpgoshim.so" PGOSHIM_FILE="$work/$name.raw" \
        PGOSHIM_RATE="$rate" PGOSHIM_BUDGET=100 "$@" || broken "$* (recorded)"
    wait $plain || broken "$*"
    counters "$name.raw" >counters.json
    python3 - "$name" "$limit" "$name.raw" <<'END'
import bisect, json, os, sys
name, limit, raw = sys.argv[1], int(sys.argv[2]), sys.argv[3]
load = lambda file: [json.loads(line) for line in open(file)]
plain, recorded = load(name + ".plain"), load(name + ".recorded")
counters = json.load(open("counters.json"))
total = counters["SAMPLES"]
def at(rows, share):
    i = bisect.bisect_left([row["cpu"] for row in rows], share * rows[-1]["cpu"])
    return rows[min(i, len(rows) - 1)]
def added(share):
    return at(recorded, share)["rss"] - at(plain, share)["rss"]
def known(share):
    row = at(recorded, share)
    before = [r for r in recorded if r["cpu"] <= row["cpu"] and r["samples"] is not None]
    return before[-1]["samples"] if before else 0
print("  %-8s %7s %10s %10s %14s %12s %10s" % (
    name, "CPU s", "samples", "file KiB", "recorded KiB", "plain KiB", "added KiB"))
for eighth in range(1, 9):
    share = eighth / 8
    row = at(recorded, share)
    print("  %7d%% %7.1f %10d %10.0f %14d %12d %10d" % (100 * share, row["cpu"],
        total if eighth == 8 else known(share), row["file"] / 1024, row["rss"],
        at(plain, share)["rss"], added(share)))
dropped = {key: value for key, value in counters.items() if key.startswith("DROP_")}
print("  dropped: %s" % (", ".join("%s %d" % item for item in dropped.items()) or "nothing"))
size = os.path.getsize(raw)
middle = lambda low, high: sorted(added(low + (high - low) * i / 20) for i in range(21))[10]
early, late = middle(0.35, 0.5), middle(0.85, 1.0)
with open("verdicts", "a") as out:
    out.write("%s %s: file of %.0f KiB after %d samples (limit %d KiB)\n" % (
        size <= limit, name, size / 1024, total, limit // 1024))
    out.write("%s %s: added memory, medians: %d KiB before half of the run, %d KiB at its end\n" % (
        late <= early * 1.1 + 1024, name, early, late))
END
}

: >verdicts
title "File and resident memory against time: up to $rate samples a second, no budget, work for $samples"
for name in "$@"; do
    case $name in
    clang)
        clang=$(newest clang)
        [ -n "$clang" ] || {
            echo "  clang: skipped: it is not here"
            continue
        }
        # -cc1 is the compiler itself, without the driver's process before it; a function
        # of this source takes it some 90 samples, and one of `crowd`'s rounds 150.
        big_source $((samples / 90)) >big.c
        hour_row clang "$clang" -cc1 -O2 -w -emit-obj -o /dev/null big.c
        ;;
    threads)
        program_build crowd
        command=$(program_run threads short)
        hour_row threads ${command% *} $((samples / 150 + 1))
        ;;
    *) broken "no program is called $name" ;;
    esac
done
[ -s verdicts ] || exit 77
bars verdicts
exit $missed
