#!/bin/sh
# annotate.sh BUILD [PROGRAM...]: how near the counts of `pgo-analyze annotate` are to the truth.
# Each program is recorded until there are WINDOWS look-ahead windows (10,000 unless the environment
# says otherwise).  Truth is callgrind, on the same binary with the same input, of the ten hottest
# functions: executions of each instruction (rank correlation, and overlap of shares), and of each
# conditional branch how often it was taken.  RECORDINGS of them (8) tell what sampling alone makes of
# that: whatever differs from one run to the next is in what they differ by, whole windows and not
# only their branches.
#   WINDOWS=N     windows of a recording     RATE=N   samples per second of CPU time
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop
windows=${WINDOWS:-$([ -n "$quick" ] && echo 1000 || echo 10000)}
rate=${RATE:-4000}
recordings=${RECORDINGS:-8}
[ "$recordings" -ge 3 ] || broken "RECORDINGS: three at least"
command -v valgrind >/dev/null || skip "no valgrind"

annotate_run() {
    case $1 in
    sqlite) echo "$programs/sqlite $([ -n "$quick" ] && echo 6 || echo 80)" ;;
    lua) echo "$programs/lua $here/programs/work.lua $([ -n "$quick" ] && echo 10 || echo 150)" ;;
    shop) echo "$programs/shop $([ -n "$quick" ] && echo 15 || echo 200)" ;;
    *) program_run "$1" short ;;
    esac
}

annotate_record() { # NAME: makes $work/NAME.raw
    rm -f "$work/$1".*
    runs=0 had=0
    while [ "$had" -lt "$windows" ]; do
        runs=$((runs + 1))
        [ $runs -le 200 ] || broken "$1: $had windows after 200 runs"
        PGOSHIM_FILE=$work/$1.%m PGOSHIM_RATE=$rate PGOSHIM_BUDGET=100 PGOSHIM_STACKS=off \
            PGOSHIM_BRANCHES=lookahead LD_PRELOAD=$build/libpgoshim.so $(annotate_run "$1") \
            >/dev/null || broken "$1 fails under the recorder"
        # A run that was too short leaves no file.
        [ -z "$(ls "$work/$1".* 2>/dev/null)" ] ||
            had=$(counters "$work/$1".* | python3 -c 'import json, sys; print(json.load(sys.stdin).get("WINDOWS", 0))')
    done
    mv "$work/$1".* "$work/$1.raw"
}
# Each function of the first recording is among the more of the others.
annotate_answers() { # NAME
    hottest=10
    for number in $(seq "$recordings"); do
        annotate_record "$1"
        "$analyze" annotate --json --hottest $hottest --module "$programs/$1" "$work/$1.raw" >"recorded-$1.$number.json" ||
            broken "$1: annotate"
        hottest=30
    done
}

title "Counts of annotate beside callgrind's, ten hottest functions, $windows windows"
printf '  %-10s %13s %16s %8s %9s %14s %15s %10s\n' program instructions 'rank correlation' overlap branches \
    'taken: differs' 'sampling error' 'within 95%'
: >rows
for name in "$@"; do
    program_has "$name" >/dev/null && program_build "$name" || {
        echo "  $name: skipped: it cannot be built here (tests/install-packages.sh)"
        continue
    }
    note "$name: callgrind, on $(annotate_run "$name")"
    valgrind --tool=callgrind --dump-instr=yes --collect-jumps=yes --skip-plt=no \
        --compress-pos=no --compress-strings=no --callgrind-out-file=callgrind.out \
        $(annotate_run "$name") >/dev/null 2>callgrind.log || broken "$(tail -n 2 callgrind.log)"
    note "$name: $recordings recordings"
    annotate_answers "$name"
    python3 "$here/annotate_truth.py" "$name" "$programs/$name" callgrind.out "recorded-$name".*.json >>rows || broken "$name"
    tail -n 1 rows | cut -d ' ' -f 5-
    rm -f callgrind.out "recorded-$name".*
done
[ -s rows ] || skip "none of the programs can be built here"
while read -r correlation overlap within enough _; do
    verdict "$(python3 -c "print($correlation >= 0.9)")" "rank correlation $correlation (at least 0.9)"
    verdict "$(python3 -c "print($overlap >= 0.9)")" "overlap $overlap (at least 0.9)"
    verdict "$(python3 -c "print($within >= $enough)")" "shares within their 95 % interval: $within (at least $enough)"
done <rows
exit $missed
