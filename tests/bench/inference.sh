#!/bin/sh
# inference.sh BUILD: how much of the exact profile's gain samples without branches keep.
# Taken conditional branches after relinking, counted by valgrind: with samples as they are
# (--infer off, which is what perf2bolt -nl makes of them), inferred, and exact (BOLT's
# instrumentation).  Bar: inferred counts keep 75 % of the exact profile's reduction.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
wanted=75
command -v valgrind >/dev/null || skip "no valgrind"
instrumenter=$(newest llvm-bolt)
[ -n "$instrumenter" ] || skip "no llvm-bolt"

taken() { # NAME PROGRAM: its taken conditional branches
    valgrind --tool=lackey --basic-counts=yes \
        $(program_run "$1" counted | sed "s,^$programs/$1,$2,") 2>&1 >/dev/null |
        sed -n 's/.* taken: *\([0-9,]*\) .*/\1/p' | tr -d ,
}

title "Samples without branches: taken conditional branches, and the share of the exact reduction"
for name in sqlite lua shop bzip2 xz; do
    program_has "$name" || continue
    program_build "$name"
    program=$programs/$name
    note "$name: recording, instrumenting"
    "$record" -q -F 4000 --budget 50 --branches off -o "$work/$name.pgoraw" -- \
        $(program_run "$name" long) >/dev/null || broken "$name is not recorded"
    "$instrumenter" "$program" -instrument -instrumentation-file="$work/$name.exact.fdata" \
        -o "$work/$name.instrumented" >"$work/$name.log" 2>&1 || broken "$name: instrumenting"
    $(program_run "$name" short | sed "s,^$program,$work/$name.instrumented,") >/dev/null
    for kind in off on; do
        "$analyze" convert -q -b "$program" -f fdata --infer $kind -o "$work/$name.$kind.fdata" \
            "$work/$name.pgoraw" || broken "$name: convert"
    done
    plain=$(taken "$name" "$program")
    for kind in off on exact; do
        "$bolt" relink "$program" -o "$work/$name.$kind" --fdata "$work/$name.$kind.fdata" \
            >"$work/$name.log" 2>&1 || broken "$name: relink by $kind"
        eval "$kind=\$(taken $name $work/$name.$kind)"
    done
    python3 - "$name" "$plain" "$off" "$on" "$exact" <<'PYTHON' || broken "$name: no reduction"
import sys
name, (plain, off, on, exact) = sys.argv[1], map(int, sys.argv[2:])
share = lambda taken: 100 * (plain - taken) / (plain - exact)
print("  %-8s plain %11d  samples %11d %5.1f %%  inferred %11d %5.1f %%  exact %11d" % (
    name, plain, off, share(off), on, share(on), exact))
PYTHON
    verdict "$(python3 -c "print(100 * ($plain - $on) >= $wanted * ($plain - $exact))")" \
        "$name: inferred counts keep $wanted %"
done
exit $missed
