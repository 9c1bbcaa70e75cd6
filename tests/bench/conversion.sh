#!/bin/sh
# conversion.sh BUILD: what a conversion costs, beside perf2bolt and llvm-profgen.
# Two binaries, a large one (node) and a small one (SQLite), each recorded once.  The peers get
# the same counts: perf2bolt our preagg, llvm-profgen our unsymbolized; ours reads the raw file.
# Neither binary has debug information for most of its code, so llvm-text rows are about reading
# and looking up, not about lines: the lines written say how much came of it.
# CPU time is user + system, the least of RUNS; memory is the peak resident size.
#   RUNS=N    runs a row (3; 1 with QUICK=1)
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
runs=${RUNS:-$([ -n "$quick" ] && echo 1 || echo 3)}
speed_bar=10 memory_bar=5

# cost FILE COMMAND...: its CPU seconds and peak KiB to FILE, the least of the runs
cost() {
    python3 - "$runs" "$@" <<'SCRIPT'
import os, subprocess, sys
best = None
log = open(sys.argv[2] + ".log", "w")
for run in range(int(sys.argv[1])):
    child = subprocess.Popen(sys.argv[3:], stdout=log, stderr=log)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(1)
    seen = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
    best = seen if best is None else (min(best[0], seen[0]), min(best[1], seen[1]))
open(sys.argv[2], "w").write("%.3f %d\n" % best)
SCRIPT
}

# row NAME BINARY FORMAT PEER COMMAND...: ours and the peer's
row() {
    name=$1 binary=$2 format=$3 peer=$4
    shift 4
    note "$name: $format beside $peer"
    rm -f "$name.theirs"
    cost ours "$analyze" convert -b "$binary" -f "$format" -o "$name.$format" "$name.raw" ||
        broken "$name to $format: $(tail -n 2 ours.log)"
    cost theirs "$@" || {
        printf '  %-8s %-10s %s fails: %s\n' "$name" "$format" "$peer" "$(tail -n 1 theirs.log)"
        return
    }
    read -r our_time our_memory <ours
    read -r their_time their_memory <theirs
    awk -v name="$name" -v format="$format" -v peer="$peer" -v a="$our_time" -v b="$their_time" \
        -v c="$our_memory" -v d="$their_memory" 'BEGIN {
            printf "  %-8s %-10s %7.3f s %6.1f MiB   %-12s %7.3f s %7.1f MiB   %5.1fx %5.1fx\n",
                name, format, a, c / 1024, peer, b, d / 1024, b / (a > 0.001 ? a : 0.001), d / c }'
    printf '           lines written: %d, %d\n' "$(wc -l <"$name.$format")" \
        "$(wc -l <"$name.theirs")"
    verdict "$(awk -v a="$our_time" -v b="$their_time" -v bar=$speed_bar \
        'BEGIN { print (b >= bar * a ? "yes" : "no") }')" "$name: $format: $speed_bar times as fast as $peer"
    verdict "$(awk -v a="$our_memory" -v b="$their_memory" -v bar=$memory_bar \
        'BEGIN { print (b >= bar * a ? "yes" : "no") }')" "$name: $format: a ${memory_bar}th of the memory of $peer"
}

# binary_rows NAME BINARY COMMAND...: records the command, then converts
binary_rows() {
    name=$1 binary=$2
    shift 2
    "$record" -f -q -b 100 -F 4000 -B lookahead -s 0 -o "$name.raw" -- "$@" >record.log 2>&1 ||
        broken "$name fails under the recorder: $(tail -n 1 record.log)"
    for format in preagg unsymbolized; do
        "$analyze" convert -b "$binary" -f $format -o "$name.$format" "$name.raw" >record.log 2>&1 ||
            broken "$name to $format: $(tail -n 2 record.log)"
    done
    printf '  %s: %d MiB, %d lines of preagg\n' "$name" \
        "$(($(stat -Lc %s "$binary") >> 20))" "$(wc -l <"$name.preagg")"
    [ -z "$perf2bolt" ] || row "$name" "$binary" fdata perf2bolt \
        "$perf2bolt" -pa -p "$name.preagg" -o "$name.theirs" "$binary"
    [ -z "$profgen" ] || row "$name" "$binary" llvm-text llvm-profgen \
        "$profgen" --unsymbolized-profile="$name.unsymbolized" --binary="$binary" --output="$name.theirs"
}

perf2bolt=$(newest perf2bolt) profgen=$(newest llvm-profgen)
[ -n "$perf2bolt$profgen" ] || skip "neither perf2bolt nor llvm-profgen"
title "Conversion: CPU time and peak memory of ours, of the peer, and how many times more"
load_warning
if program_has sqlite; then
    program_build sqlite
    binary_rows sqlite "$programs/sqlite" "$programs/sqlite" "$([ -n "$quick" ] && echo 80 || echo 400)"
fi
if node=$(command -v node); then
    echo 'for (let i = 0; i < 600000; i++) /(\d+)x*/.exec(JSON.stringify(JSON.parse("{\"a\":" + i + "}")))' >work.js
    binary_rows node "$(readlink -f "$node")" "$node" work.js
else
    echo "  node: skipped: not installed"
fi
exit $missed
