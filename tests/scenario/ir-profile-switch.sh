# A switch that became two branches is counted once, where what is between them has no column.
. "$(dirname "$0")/../support/scenario.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)
source=$(cd "$(dirname "$0")/../programs" && pwd)/ir-profile-switch.c
cd "$work" || exit 1
command -v valgrind >/dev/null || skip "no valgrind"
clang=$(newest clang)
[ -n "$clang" ] || skip "no clang"
flags="-O2 -gdwarf-4 -fdebug-info-for-profiling -fno-pie"

# Compilers put code there that they made one of several places of the line; here a nop is it.
$clang $flags -S "$source" -o plain.s || fail "$clang"
awk '
    { print }
    /^\t\.loc\t/ { location = $0; file = $2; line = $3 }
    /^\tja\t/ { print "\t.loc\t" file " " line " 0\n\tnop\n" location }' plain.s >switch.s
grep -q '^	nop$' switch.s || fail "no switch by a table"
$clang -no-pie switch.s -o program || fail "$clang switch.s"
python3 "$support/exact_counts.py" program 700 >exact || fail "counting"
mkdir dump && $clang $flags -c "$source" -o /dev/null -fprofile-generate -mllvm -print-module-scope \
    -mllvm -print-after=ctx-instr-gen,pgo-instr-gen 2>dump/switch.log || fail "the dump"
expect_status 0 "$analyze" convert -b program -f profdata-text --ir dump -o text exact
awk '/;step$/ { getline; getline count; while (count-- > 0 && getline > 0) print }' text | sort -n >counters
[ "$(tail -n 1 counters)" = 10150 ] || fail "the loop ran 10150 times, not $(tail -n 1 counters)"
exit 0
