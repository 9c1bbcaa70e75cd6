#!/bin/sh
# compare.sh BUILD: does compare tell what is different, and only that, on this machine?
#
#   A against A  a program and its copy, 20 times: no difference in at least 19 (bar)
#   3 % slower   the same program with 3 % more rounds in it, 20 times: slower in at least 19 (bar)
. "$(dirname "$0")/common.sh"
repeats=$([ -n "$quick" ] && echo 3 || echo 20)
load_warning

cat >loop.c <<'END'
/* Work of one kind, so that 3 % more rounds are 3 % more time; SLOWER is per cent. */
int main(void)
{
    unsigned state = 12345, sum = 0;
    for (long i = 0; i < 300000 * (100L + SLOWER); i++) {
        state = state * 1664525u + 1013904223u;
        if ((state >> 16) % 3)
            sum += state;
        else
            sum ^= sum >> 3;
    }
    return sum == 42;
}
END
for slower in 0 3; do
    gcc -O1 -DSLOWER=$slower -o "loop-$slower" loop.c || broken "gcc"
done
cp loop-0 loop-copy

# row NAME PROGRAM VERDICT: how often compare says so
row() {
    right=0
    for repeat in $(seq $repeats); do
        "$bolt" compare --json ./loop-0 "./$2" >"$2-$repeat.json" 2>"$2-$repeat.log" || [ $? -eq 1 ] ||
            broken "$(tail -n 2 "$2-$repeat.log")"
        [ "$(value "$2-$repeat.json" 'r["verdict"]')" != "$3" ] || right=$((right + 1))
    done
    python3 - "$1" "$2" $repeats $right <<'END'
import json, statistics, sys
name, program, repeats, right = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
reports = [json.load(open("%s-%d.json" % (program, i + 1))) for i in range(repeats)]
rows = [r["cpu"]["b_over_a"] for r in reports]
print("  %-12s right %2d of %d; median ratio %.4f, interval +-%.2f %%; %.1f pairs of %.0f ms" % (
    name, right, repeats, statistics.median(r["ratio"] for r in rows),
    100 * statistics.median((r["high"] / r["low"]) ** 0.5 - 1 for r in rows),
    statistics.mean(r["pairs"] for r in reports),
    1000 * statistics.median(r["cpu"]["a_seconds"] for r in reports)))
END
    verdict "$([ $((right * 20)) -ge $((repeats * 19)) ] && echo yes)" "$1: \"$3\" in 19 of 20"
}
title "Verdicts of pgo-bolt compare, $repeats repeats each (no -n: as many pairs as it takes)"
row "A against A" loop-copy "no difference"
row "3 % slower" loop-3 "slower"
exit $missed
