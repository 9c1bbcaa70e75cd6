#!/bin/sh
# run.sh BUILD: what recording costs, measured on the demo's SQLite program.
# Ratios are medians of interleaved pairs with their 95 % interval and a row of
# the plain program against itself; machines drift, ratios less so.
#   PAIRS=20  pairs a row     SIZE=200  of the workload
set -u
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
pairs=${PAIRS:-20} size=${SIZE:-200}
record=$build/pgo-record bolt=$build/pgo-bolt
work=$build/bench
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1

library=$(gcc -print-file-name=libsqlite3.a)
[ "$library" != libsqlite3.a ] || {
    echo "bench: no libsqlite3.a: install libsqlite3-dev"
    exit 3
}
gcc -O2 -g -Wl,--emit-relocs -o workload "$here/../demo/workload.c" "$library" -lm || exit 3

row() { # TITLE JSON KEY
    python3 - "$@" <<'END'
import json, sys
title, file, key = sys.argv[1:]
row = json.load(open(file))["cpu"][key]
print("  %-44s %7.4f  %.4f ... %.4f" % (title, row["ratio"], row["low"], row["high"]))
END
}

plain="./workload $size"
measure() { # TITLE NOISE RECORD-OPTIONS...
    title=$1 noise=$2
    shift 2
    rm -rf out && mkdir out
    "$bolt" compare --json -n "$pairs" $noise --shell "$plain" \
        "$record -q -o $work/out/%p.pgoraw $* -- $plain" >row.json || [ $? -eq 1 ] || exit 3
    [ -n "$noise" ] || row "plain against plain" row.json a_over_a
    row "$title" row.json b_over_a
}

echo "CPU time recorded / plain, median of $pairs interleaved pairs and 95 % interval"
measure "as it comes (budget 1 %)" ""
measure "budget 0.5 %" --no-noise -b 0.5
measure "budget 5 %" --no-noise -b 5
measure "1,000/s, no budget" --no-noise -F 1000 -b 100
measure "1,000/s, no budget, without branches" --no-noise -F 1000 -b 100 -B off
if command -v perf >/dev/null && perf record -q -e cpu-clock:u -F 1000 -o perf.data true 2>/dev/null; then
    "$bolt" compare --json -n "$pairs" --no-noise --shell "$plain" \
        "perf record -q -e cpu-clock:u -F 1000 -o $work/perf.data -- $plain" >row.json 2>/dev/null
    row "perf record -F 1000 (addresses only)" row.json b_over_a
fi

echo
echo "Cost of a sample in the handler, without a budget (call stacks every 32 samples)"
printf '  %8s %9s %12s %14s %12s %10s\n' "rate/s" samples "us/sample" "instr/window" "decoded/smp" "file KiB"
for rate in 100 250 1000 4000; do
    rm -rf out && mkdir out
    "$record" -q -F $rate -b 100 -o out/raw -- ./workload $((size * 4)) >/dev/null || exit 3
    "$build/pgo-analyze" show --json out/raw | python3 -c '
import json, os, sys
counters = json.load(sys.stdin)["recordings"][0]["counters"]
samples = counters["SAMPLES"]
print("  %8s %9d %12.1f %14.0f %12.1f %10.0f" % (sys.argv[1], samples,
    counters["HANDLER_NANOSECONDS"] / samples / 1000, counters["INSTRUCTIONS"] / samples,
    counters["DECODED"] / samples, os.path.getsize("out/raw") / 1024))' $rate
done

echo
echo "Start-up: CPU time of a program that does nothing, mean of 200 runs"
python3 - "$build/libpgoshim.so" "$work/start.%p" <<'END'
import os, resource, subprocess, sys
def mean(extra):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(200):
        subprocess.run(["/bin/true"], env={**os.environ, **extra})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 200 * 1000
print("  plain %.2f ms, with the shim %.2f ms" % (
    mean({}), mean({"LD_PRELOAD": sys.argv[1], "PGOSHIM_FILE": sys.argv[2]})))
END
