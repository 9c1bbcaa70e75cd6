#!/bin/sh
# Samples without branches become counts of branches that llvm-bolt takes and that lay code out better.
. "$(dirname "$0")/../support/scenario.sh" "$1"
llvm_bolt=$(for v in 22 21 20 19 18 17 16; do command -v llvm-bolt-$v && break; done)
[ -n "$llvm_bolt" ] || skip "no llvm-bolt"
command -v valgrind >/dev/null || skip "no valgrind"
cd "$work" || exit 1
program=$fixtures/branchy

"$record" -q -F 4000 --budget 50 --branches off -o app.pgoraw -- "$program" 100000 >/dev/null
[ -e app.pgoraw ] || skip "nothing could be recorded here"
expect_status 0 "$analyze" convert -f fdata -o app.fdata app.pgoraw
grep -q no_lbr app.fdata && fail "no branches were inferred"
expect_status 0 "$analyze" convert -f fdata --infer on -o again.fdata app.pgoraw
cmp -s app.fdata again.fdata || fail "not the same twice"
expect_status 0 "$analyze" convert -f fdata --infer off -o samples.fdata app.pgoraw
[ "$(head -c 6 samples.fdata)" = no_lbr ] || fail "--infer off has branches"
expect_status 2 "$analyze" convert -f fdata --infer perhaps -o no.fdata app.pgoraw

"$llvm_bolt" "$program" -data app.fdata -o laid-out -reorder-blocks=ext-tsp >bolt.log 2>&1 ||
    fail "llvm-bolt: $(tail -3 bolt.log)"
grep -q "invalid (possibly stale) profile" bolt.log && fail "llvm-bolt does not believe the counts"
[ "$(./laid-out 2)" = "$("$program" 2)" ] || fail "it computes something else"
taken() {
    valgrind --tool=lackey --basic-counts=yes "$1" 2 2>&1 >/dev/null |
        sed -n 's/.* taken: *\([0-9,]*\) .*/\1/p' | tr -d ,
}
before=$(taken "$program") after=$(taken ./laid-out)
[ "$after" -lt $((before * 3 / 4)) ] || fail "$before taken branches became $after"
