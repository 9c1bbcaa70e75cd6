#!/bin/sh
# windows.sh BUILD [PROGRAM...]: which length of windows tells most for the same budget.
# Each program is recorded at 1 %, with windows as the governor makes them and with fixed ones, RECORDINGS times
# each (3), in turns; how much each recording has in common with a dense one of the same run (pgo-analyze
# overlap: over all branches, the smaller of their two shares), mean of the recordings.  The dense one has 4,000 samples a
# second, of ROUNDS runs (4), half of them with windows of 32 branches and half with 128.
# Bar: over all programs, the governor's windows have at least what the best fixed ones have, less 1.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua xz bzip2 regex json shop exceptions threads other
recordings=${RECORDINGS:-$([ -n "$quick" ] && echo 1 || echo 3)}
rounds=${ROUNDS:-$([ -n "$quick" ] && echo 2 || echo 4)}
lengths="0 32 64 128 256" # 0: the governor's

# Some second of CPU time, of a program that has a symbol table; 1: it is not here.
windows_command() {
    case $1 in
    exceptions)
        g++ -O2 -g -static-libstdc++ -static-libgcc -pthread -o "$programs/$1" "$here/../exact/exceptions.cpp" &&
            echo "$programs/$1"
        ;;
    threads) program_build crowd && program_run threads short ;;
    other) program_has lua >&2 && program_build lua && echo "$programs/lua $here/programs/other.lua 150" ;;
    *) program_has "$1" >&2 && program_build "$1" && program_run "$1" short ;;
    esac
}

# recorded_with WINDOW DIRECTORY RATE BUDGET COMMAND...: into a file in it that its runs share
recorded_with() {
    window=$1 file=$2 rate=$3 budget=$4
    shift 4
    mkdir -p "$file"
    [ "$window" = 0 ] || export PGOSHIM_WINDOW="$window"
    PGOSHIM_FILE=$work/$file/%m PGOSHIM_RATE=$rate PGOSHIM_BUDGET=$budget PGOSHIM_BRANCHES=lookahead \
        LD_PRELOAD=$build/libpgoshim.so "$@" >/dev/null 2>errors || broken "$* fails under the recorder"
    unset PGOSHIM_WINDOW
}

title "Overlap with a dense recording, at a budget of 1 %, by length of windows (mean of $recordings)"
printf '  %-8s %8s' program windows
printf ' %14s' governor 32 64 128 256
echo '   (overlap, branches)'
: >rows
for program in "$@"; do
    command=$(windows_command "$program") || continue
    note "$program: $command"
    rm -rf dense one.*
    for round in $(seq "$rounds"); do
        recorded_with $((round % 2 ? 32 : 128)) dense 4000 100 $command
    done
    for recording in $(seq "$recordings"); do
        for length in $lengths; do
            recorded_with "$length" "one.$length.$recording" 1000 1 $command
            [ -n "$(ls "one.$length.$recording")" ] || continue
            echo "$length $("$analyze" overlap --json dense/* "one.$length.$recording"/* |
                python3 -c 'import json, sys; print(json.load(sys.stdin)["overlap_percent"])') $(counters "one.$length.$recording"/* |
                python3 -c 'import json, sys; c = json.load(sys.stdin); print(c["WINDOWS"], c["BRANCHES"])')"
        done
    done >found
    python3 - "$program" $lengths <<'PY' | tee -a rows
import sys
program, lengths = sys.argv[1], sys.argv[2:]
rows = [line.split() for line in open("found")]
mean = lambda length, field: sum(float(r[field]) for r in rows if r[0] == length) / max(1, sum(r[0] == length for r in rows))
print("  %-8s %8.0f" % (program, mean("0", 2)) + "".join(" %6.2f %7.0f" % (mean(l, 1), mean(l, 3)) for l in lengths))
PY
done
[ -s rows ] || skip "no program to measure"
python3 - <<'PY' | tee means
rows = [line.split()[2::2] for line in open("rows")]
means = [sum(float(row[i]) for row in rows) / len(rows) for i in range(len(rows[0]))]
print("  %-17s" % "all, mean" + "".join(" %6.2f %7s" % (mean, "") for mean in means))
PY
title "Bars"
verdict "$(awk '{ best = $4; for (i = 5; i <= NF; i++) if ($i > best) best = $i; print ($3 >= best - 1 ? "yes" : "no") }' means)" \
    "the governor's windows tell as much as the best fixed ones, less 1"
exit $missed
