#!/bin/sh
# budget.sh BUILD [PROGRAM...]: does recording stay within its budget?
# CPU time (user and system, of the whole process tree) recorded over plain, by
# interleaved pairs (pgo-bolt compare --shell), at --budget 0.5, 1 and 5, with a row of the
# plain program against itself.  A bar is met where the ratio lies within the budget and
# the spread of that row: half the width of its 95 % interval, or its own deviation.
#
#   sqlite   one thread               clang, cc1  huge code, compiling a large file
#   python3  an interpreter           threads     16 threads
#   workers  8 forked processes       make        12 compilations by make
#   turns    4 threads that are switched to some ten thousand times a second, as a server's are
#   shell    a loop of 150 short processes: mostly start-up, which no budget can hold
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
budgets=$([ -n "$quick" ] && echo 1 || echo 0.5 1 5)
pairs=${PAIRS:-$([ -n "$quick" ] && echo 6 || echo 8)}

program_build crowd
big_source "$([ -n "$quick" ] && echo 100 || echo 300)" >big.c
mkdir parts
for part in $(seq 12); do
    big_source 25 >"parts/part$part.c"
done
{
    printf 'all:'
    printf ' part%s.o' $(seq 12)
    printf '\n%%.o: %%.c\n\t@gcc -O1 -c -o $@ $<\n'
} >parts/Makefile
python_work 20000 >work.py
cat >loop.sh <<'SH'
for number in $(seq $1); do
    expr "$number" '*' 7 >/dev/null
    echo "line $number" | sed -e 's/[0-9]/&&/g' >/dev/null
done
SH

load_warning
title "CPU time recorded / plain, median of $pairs interleaved pairs (pgo-record --budget BUDGET -- ...)"
printf '  %-8s %6s %8s %18s %8s %9s %7s  %s\n' program budget ratio '95 % interval' spread samples \
    seconds verdict
budget_row() { # PROGRAM COMMAND
    name=$1 plain=$2
    [ "$only" = "  " ] || case $only in *" $name "*) ;; *) return ;; esac
    noise=
    for budget in $budgets; do
        note "$name, budget $budget %: $plain"
        rm -rf out && mkdir out
        compared "$name-$budget.json" $noise --shell "$plain" \
            "$record -q --budget $budget -o $work/out/%p.raw -- $plain"
        noise=--no-noise
        counters out/* >counters.json 2>/dev/null || echo '{}' >counters.json
        python3 - "$name" "$budget" "${budgets%% *}" "$pairs" <<'END' | tee -a rows
import json, sys
name, budget, first, pairs = sys.argv[1:]
cpu = json.load(open("%s-%s.json" % (name, budget)))["cpu"]
noise = json.load(open("%s-%s.json" % (name, first)))["cpu"]["a_over_a"]
samples = json.load(open("counters.json")).get("SAMPLES", 0)
spread = 100 * max((noise["high"] - noise["low"]) / 2, abs(noise["ratio"] - 1))
ratio = cpu["b_over_a"]
over = 100 * (ratio["ratio"] - 1)
if name not in open("seen").read().split():
    print("  %-8s %6s %8.4f  %.4f ... %.4f %7s %9s %8.2f" % (name, "A/A", noise["ratio"],
        noise["low"], noise["high"], "", "", cpu["a_seconds"]))
    open("seen", "a").write(name + "\n")
print("  %-8s %5s%% %8.4f  %.4f ... %.4f %6.2f%% %9.0f %8.2f  %s" % (name, budget, ratio["ratio"],
    ratio["low"], ratio["high"], spread, samples / (int(pairs) + 1), cpu["b_seconds"],
    "within" if over <= float(budget) + spread else "OVER by %.2f %%" % (over - float(budget))))
END
    done
}
only=" $* "
: >seen
: >rows
python=$(python3 -c 'import sys; print(sys.executable)')
clang=$(newest clang)
program_has sqlite && program_build sqlite && budget_row sqlite "$(program_run sqlite short)"
[ -z "$clang" ] || budget_row clang "$clang -O2 -c -o big.o big.c"
budget_row cc1 "gcc -O2 -c -o big.o big.c"
budget_row python3 "$python work.py $([ -n "$quick" ] && echo 2 || echo 16)"
budget_row threads "$(program_run threads short)"
budget_row workers "$(program_run workers short)"
budget_row turns "$(program_run turns short)"
budget_row make "make -s -B -C parts"
budget_row shell "sh loop.sh $([ -n "$quick" ] && echo 30 || echo 150)"

title "Bars"
rows_over=$(grep -c OVER rows)
verdict "$([ "$rows_over" -eq 0 ] && echo yes)" "every program within its budget and the spread of A/A ($rows_over rows over)"
exit $missed
