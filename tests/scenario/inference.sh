#!/bin/sh
# Samples without branches become counts of branches that llvm-bolt takes and that lay code out better.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/jumps.sh"
llvm_bolt=$(newest llvm-bolt)
[ -n "$llvm_bolt" ] || skip "no llvm-bolt"
command -v valgrind >/dev/null || skip "no valgrind"
command -v python3 >/dev/null || skip "no python3"
programs=$PWD/tests/programs samples=$PWD/tests/support/counted_samples.py
cd "$work" || exit 1

# From a recording: the same twice, and not where it is not wanted.
"$record" -q -F 4000 --budget 50 --branches off -o app.pgoraw -- "$fixtures/branchy" 20000 >/dev/null
[ -e app.pgoraw ] || skip "nothing could be recorded here"
expect_status 0 "$analyze" convert -f fdata -o app.fdata app.pgoraw
grep -q no_lbr app.fdata && fail "no branches were inferred"
expect_status 0 "$analyze" convert -f fdata --infer on -o again.fdata app.pgoraw
cmp -s app.fdata again.fdata || fail "not the same twice"
expect_status 0 "$analyze" convert -f fdata --infer off -o samples.fdata app.pgoraw
[ "$(head -c 6 samples.fdata)" = no_lbr ] || fail "--infer off has branches"
expect_status 2 "$analyze" convert -f fdata --infer perhaps -o no.fdata app.pgoraw

# By samples that are the same on every machine: every 100th executed instruction.
program=./branchy
gcc -O1 -g -no-pie -fno-pie -Wl,--emit-relocs -o branchy "$programs/branchy.c" || fail "gcc"
python3 "$samples" branchy 100 2 >counted.txt || fail "no samples were counted"
expect_status 0 "$analyze" convert -b branchy -f fdata -o app.fdata --force counted.txt
"$llvm_bolt" "$program" -data app.fdata -o laid-out -reorder-blocks=ext-tsp >bolt.log 2>&1 ||
    fail "llvm-bolt: $(tail -3 bolt.log)"
grep -q "invalid (possibly stale) profile" bolt.log && fail "llvm-bolt does not believe the counts"
[ "$(./laid-out 2)" = "$("$program" 2)" ] || fail "it computes something else"
taken() {
    count_jumps counts "$1" 2 >/dev/null || fail "callgrind: $(cat counts.log)"
    cut -d ' ' -f 1 counts
}
before=$(taken "$program") after=$(taken ./laid-out)
[ "$after" -lt $((before * 3 / 4)) ] || fail "$before taken jumps became $after"

# Each jump has the targets of its own table, where a function has several; llvm-bolt drops it otherwise.
cat >tables.c <<'C'
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) static unsigned both(unsigned a, unsigned b, volatile unsigned *c)
{
    switch (a) {
    case 0: *c += 3; break;
    case 1: *c ^= b; break;
    case 2: *c -= 7; break;
    case 3: *c *= 5; break;
    case 4: *c |= 9; break;
    case 5: *c += b; *c ^= 2; break;
    }
    switch (b) {
    case 0: *c ^= a; return 2;
    case 1: *c += 77; break;
    case 2: *c /= 3; break;
    case 3: *c -= a; *c *= 3; break;
    case 4: *c &= 0xffff; break;
    case 5: *c ^= 1; return 8;
    }
    return *c;
}
int main(int argc, char **argv)
{
    unsigned sum = 0;
    volatile unsigned state = 1;
    for (unsigned i = 0, n = (unsigned)atoi(argv[argc - 1]); i < n; i++)
        sum += both(i * 7 % 11 % 6, i * 5 % 13 % 6, &state);
    printf("%u\n", sum);
    return 0;
}
C
gcc -O2 -no-pie -fno-pie -Wl,--emit-relocs -o tables tables.c || fail "tables.c does not build"
python3 "$samples" tables 100 10000 >tables.txt || fail "no samples of tables.c were counted"
expect_status 0 "$analyze" convert -b tables -f fdata -o tables.fdata tables.txt
grep -q '^1 both/1 ' tables.fdata || fail "nothing is known of the function with tables"
"$llvm_bolt" tables -data tables.fdata -o tables.bolt -reorder-blocks=ext-tsp >bolt.log 2>&1 ||
    fail "llvm-bolt: $(tail -3 bolt.log)"
grep -q "invalid (possibly stale) profile" bolt.log && fail "$(grep invalid bolt.log)"
exit 0
