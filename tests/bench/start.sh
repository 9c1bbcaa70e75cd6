#!/bin/sh
# start.sh BUILD: what short processes cost, started one after the other: CPU time, user and system,
# of rounds of a hundred, plain, preloaded, plain again (programs/starts.c).
# Bars: /bin/true at most 1.15 times. A round is over in tenths of a second, so that what else
# the machine does meets all three alike; ratios are read beside that of plain to plain.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
load_warning
rounds=$([ -n "$quick" ] && echo 4 || echo 30)
program_build starts

# cost NAME COMMAND...: a row
cost() {
    name=$1
    shift
    "$programs/starts" "$rounds" "$processes" "$build/libpgoshim.so" "$work/%m.pgoraw" "$@" >row ||
        broken "$name"
    printf '  %-24s %s\n' "$name" "$(cat row)"
}

title "CPU time of short processes, one recording of all (PGOSHIM_FILE=%m.pgoraw)"
echo "  $rounds rounds of $([ -n "$quick" ] && echo 40 || echo 100) processes"
processes=$([ -n "$quick" ] && echo 40 || echo 100)
cost /bin/true /bin/true
verdict "$(awk '{ sub(/.*; ratio /, ""); print ($1 <= 1.15 ? "yes" : "no") }' row)" "/bin/true: at most 1.15 times"
processes=$((processes / 10))
cost "sh, 10 commands" sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done'
big_source 20 >big.c
cost "gcc -O2 -c, 20 functions" gcc -O2 -c big.c -o big.o
exit $missed
