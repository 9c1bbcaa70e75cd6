#!/bin/sh
# counts.sh BUILD [PROGRAM...]: how near recorded counts are to exact ones.
# Each program is recorded twice, each time until there are WINDOWS look-ahead windows (10,000
# unless the environment says otherwise), by runs that join one file.  Truth is callgrind, on
# the same binary with the same input.  Overlaps, as counts_overlap.py says: of the whole
# program, and within functions; of raw counts, of corrected ones, and of the two recordings
# with each other: more than that cannot be asked of that many samples.
#   WINDOWS=N     windows of a recording     RATE=N   samples per second of CPU time
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop exceptions regex json
windows=${WINDOWS:-$([ -n "$quick" ] && echo 1000 || echo 10000)}
rate=${RATE:-4000}
whole_bar=0.90 function_bar=0.96
command -v valgrind >/dev/null || skip "no valgrind"

# The exceptions are of this table alone.
counts_build() {
    case $1 in
    exceptions)
        g++ -O2 -g -static-libstdc++ -static-libgcc -pthread -o "$programs/$1" \
            "$here/../exact/exceptions.cpp"
        ;;
    *) program_has "$1" >/dev/null || return 77 && program_build "$1" ;;
    esac
}

# Half a second of CPU time: callgrind takes a hundred times as long.
counts_run() {
    case $1 in
    sqlite) echo "$programs/sqlite 80" ;;
    lua) echo "$programs/lua $here/programs/work.lua 150" ;;
    shop) echo "$programs/shop 200" ;;
    exceptions) echo "$programs/exceptions" ;;
    regex) echo "$programs/regex 150" ;;
    json) echo "$programs/json 20" ;;
    *) program_run "$1" short ;;
    esac
}

# counts_record NAME FILE: until there are windows enough
counts_record() {
    runs=0 had=0
    while [ "$had" -lt "$windows" ]; do
        runs=$((runs + 1))
        [ $runs -le 200 ] || broken "$1: $had windows after 200 runs"
        PGOSHIM_FILE=$work/$2.%m PGOSHIM_RATE=$rate PGOSHIM_BUDGET=100 PGOSHIM_STACKS=off \
            PGOSHIM_BRANCHES=lookahead LD_PRELOAD=$build/libpgoshim.so $(counts_run "$1") \
            >/dev/null || broken "$1 fails under the recorder"
        had=$(counters "$work/$2".* | python3 -c 'import json, sys; print(json.load(sys.stdin)["WINDOWS"])')
    done
    mv "$work/$2".* "$work/$2"
    for kind in raw corrected; do
        "$analyze" convert -f json --counts $kind -o "$2.$kind" "$work/$2" || broken "$1: convert"
    done
}

title "Overlap with exact counts (callgrind), whole program / within functions, $windows windows"
printf '  %-11s %8s %9s  %-13s %-13s  %-13s %-13s\n' program windows branches raw corrected \
    'raw, A to B' 'corrected'
: >rows
for name in "$@"; do
    counts_build "$name"
    case $? in
    0) ;;
    77)
        echo "  $name: skipped: its library is missing (tests/install-packages.sh)"
        continue
        ;;
    *) broken "$name does not build" ;;
    esac
    note "$name: callgrind, on $(counts_run "$name")"
    valgrind --tool=callgrind --dump-instr=yes --collect-jumps=yes --skip-plt=no \
        --compress-pos=no --compress-strings=no --callgrind-out-file=callgrind.out \
        $(counts_run "$name") >/dev/null 2>callgrind.log || broken "$(tail -n 2 callgrind.log)"
    note "$name: recording twice"
    counts_record "$name" "$name.a"
    counts_record "$name" "$name.b"
    python3 "$here/counts_overlap.py" "$programs/$name" callgrind.out "$name.a.raw" \
        "$name.a.corrected" "$name.b.raw" "$name.b.corrected" >row.json || broken "$name"
    counters "$name.a" "$name.b" >counters.json
    python3 - "$name" <<'END' || exit 3
import json, sys
row, counters = json.load(open("row.json")), json.load(open("counters.json"))
mean = lambda pairs: [sum(values) / len(values) for values in zip(*pairs)]
figures = [mean(row["raw"]), mean(row["corrected"]), row["raw_twice"], row["corrected_twice"]]
print("  %-11s %8d %9.1f  %s %s  %s %s" % (sys.argv[1], counters["WINDOWS"] // 2,
    counters["BRANCHES"] / counters["WINDOWS"], *("%.3f / %.3f" % tuple(f) for f in figures)))
open("rows", "a").write(json.dumps(figures) + "\n")
END
    rm -f callgrind.out
done
[ -s rows ] || skip "none of the programs can be built here"
python3 - $whole_bar $function_bar <<'END' >verdicts
import json, sys
rows = [json.loads(line) for line in open("rows")]
means = [[sum(row[kind][i] for row in rows) / len(rows) for i in (0, 1)] for kind in range(4)]
print("mean  %-11s %8s %9s  %s %s  %s %s" % ("mean", "", "", *("%.3f / %.3f" % tuple(m) for m in means)))
for i, what in ((0, "whole program"), (1, "within functions")):
    bar = float(sys.argv[1 + i])
    print("%s corrected, %s: %.3f (at least %.2f)" % (means[1][i] >= bar, what, means[1][i], bar))
END
while read -r good words; do
    if [ "$good" = mean ]; then
        echo "  $words"
    else
        verdict "$good" "$words"
    fi
done <verdicts
exit $missed
