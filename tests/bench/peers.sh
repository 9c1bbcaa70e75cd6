#!/bin/sh
# peers.sh BUILD [PROGRAM...]: beside other profilers, on the same programs and runs.
#   perf         perf record -e cpu-clock:u -F N: addresses only, for perf2bolt -nl
#   gperftools   LD_PRELOAD=libprofiler.so, CPUPROFILE_FREQUENCY=N: call stacks by SIGPROF.
#                Nothing reads them for a layout; here their innermost addresses are given to
#                perf2bolt -pa --basic-events (gperftools_profile.py), the best one can do
#   instrument   llvm-bolt -instrument: exact, a program of its own
# N is what our default budget came to on the long run (samples by CPU seconds), so that all
# samplers take about as many.
#   CPU time  with the profiler / plain, interleaved pairs on the timed run (pgo-bolt compare)
#   file      the size of the profile after the long run
#   share     of the reduction in taken jumps that instrumentation gives, by
#             BOLT with the profile of the long run (layout.sh has the exceptions to that)
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/layout_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop
pairs=${PAIRS:-6}
layout_needs
profiler=$(ls /usr/lib/*/libprofiler.so.0 /usr/lib/libprofiler.so.0 2>/dev/null | head -n 1)
[ -n "$profiler" ] || echo "gperftools is left out: install libgoogle-perftools-dev"
perf record -q -e cpu-clock:u -o perf.data true 2>/dev/null || {
    echo "perf is left out: it cannot record here"
    perf=none
}

peer_row() { # NAME PEER COMPARISON FILE KIND
    taken=$(layout_jumps "$1" "$5") || exit 3
    python3 - "$1" "$2" "$3" "$4" "$taken" "$(layout_jumps "$1" plain)" \
        "$(layout_jumps "$1" instrumented)" <<'END'
import json, os, sys
name, peer, comparison, file = sys.argv[1:5]
taken, plain, instrumented = map(int, sys.argv[5:])
ratio = json.load(open(comparison))["cpu"]["b_over_a"]
print("  %-7s %-11s %8.4f  %.4f ... %.4f %10.0f %12d %8.1f%%" % (name, peer, ratio["ratio"],
    ratio["low"], ratio["high"], os.path.getsize(file) / 1024, taken,
    100 * (plain - taken) / (plain - instrumented)))
END
}

load_warning
title "Overhead ($pairs interleaved pairs), file and layout, beside other profilers"
printf '  %-7s %-11s %8s  %-17s %10s %12s %9s\n' program profiler 'CPU time' '95 % interval' 'file KiB' \
    'taken' share
for name in "$@"; do
    program_has "$name" || continue
    layout_program "$name"
    directory=$layouts/$name
    program=$programs/$name
    short=$(program_run "$name" short) long=$(program_run "$name" long)
    counters "$directory/ours.pgoraw" >counters.json
    rate=$(value counters.json \
        "max(1, round(r['SAMPLES'] / float(open('$directory/ours.seconds').read())))")

    note "$name: overhead, $rate samples a second"
    rm -rf out && mkdir out
    compared ours.json --shell "$short" "$record -q -o $work/out/%p.raw -- $short"
    value ours.json '"  %-7s %-11s %8.4f  %.4f ... %.4f" % ("'"$name"'", "A/A", *[
        r["cpu"]["a_over_a"][k] for k in ("ratio", "low", "high")])'
    compared instrument.json --no-noise --shell "$short" "$directory/instrumented ${short#* }"
    peer_row "$name" ours ours.json "$directory/ours.pgoraw" ours
    if [ -z "${perf:-}" ]; then
        compared perf.json --no-noise --ignore=errors --shell "$short" \
            "perf record -q -e cpu-clock:u -F $rate -o $work/perf.data -- $short"
        note "$name: the long run under perf"
        perf record -q -e cpu-clock:u -F "$rate" -o "$directory/perf.data" -- $long >/dev/null \
            2>perf.log || broken "perf record $long: $(tail -n 1 perf.log)"
        "$aggregator" -nl -p "$directory/perf.data" -o "$directory/perf.fdata" "$program" \
            >"$directory/perf.log" 2>&1 || broken "perf2bolt: $(tail -n 2 "$directory/perf.log")"
        peer_row "$name" perf perf.json "$directory/perf.data" perf
    fi
    if [ -n "$profiler" ]; then
        with="env LD_PRELOAD=$profiler CPUPROFILE_FREQUENCY=$rate"
        compared gperftools.json --no-noise --ignore=errors --shell "$short" \
            "$with CPUPROFILE=$work/gperftools.prof $short"
        note "$name: the long run under gperftools"
        $with CPUPROFILE="$directory/gperftools.prof" $long >/dev/null 2>gperftools.log ||
            broken "gperftools: $(tail -n 1 gperftools.log)"
        python3 "$here/gperftools_profile.py" "$program" "$directory/gperftools.prof" \
            >"$directory/gperftools.preagg" || broken "gperftools' profile of $name"
        layout_aggregate "$name" gperftools -pa --basic-events
        peer_row "$name" gperftools gperftools.json "$directory/gperftools.prof" gperftools
    fi
    peer_row "$name" instrument instrument.json "$directory/instrumented.fdata" instrumented
done
