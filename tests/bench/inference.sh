#!/bin/sh
# inference.sh BUILD [PROGRAM...]: how much of the exact profile's gain samples without branches keep.
# Taken jumps after relinking, counted by callgrind: with samples as they are
# (--infer off, which is what perf2bolt -nl makes of them), inferred, and exact (BOLT's
# instrumentation).  A recording's chance is several percent, so that RECORDINGS (2) of each
# program are made.  Bar: inferred counts keep 75 % of the exact profile's reduction in their mean.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop regex json bzip2 xz
bar=75
recordings=${RECORDINGS:-2}
command -v valgrind >/dev/null || skip "no valgrind"
instrumenter=$(instrumenter)
[ -n "$instrumenter" ] || skip "no llvm-bolt"

taken() { # NAME PROGRAM: its taken jumps
    count_jumps "$2.counts" $(program_run "$1" counted | sed "s,^$programs/$1,$2,") >/dev/null ||
        broken "callgrind $2"
    cut -d ' ' -f 1 "$2.counts"
}

# by_profile FDATA: the taken jumps of the program that is relinked by it
by_profile() {
    "$bolt" relink "$program" -o "$work/$name.laid-out" --force --fdata "$1" >"$work/$name.log" 2>&1 ||
        broken "$name: relink by $1"
    taken "$name" "$work/$name.laid-out"
}

title "Samples without branches: taken jumps, and the share of the exact reduction"
for name in "$@"; do
    program_has "$name" || continue
    program_build "$name"
    program=$programs/$name
    note "$name: instrumenting"
    "$instrumenter" "$program" -instrument -instrumentation-file="$work/$name.exact.fdata" \
        -o "$work/$name.instrumented" >"$work/$name.log" 2>&1 || broken "$name: instrumenting"
    $(program_run "$name" short | sed "s,^$program,$work/$name.instrumented,") >/dev/null
    plain=$(taken "$name" "$program")
    exact=$(by_profile "$work/$name.exact.fdata") || exit 3
    off='' on=''
    for number in $(seq "$recordings"); do
        note "$name: recording $number of $recordings"
        "$record" -q -F 4000 --budget 50 --branches off -o "$work/$name.$number.pgoraw" -- \
            $(program_run "$name" long) >/dev/null || broken "$name is not recorded"
        for kind in off on; do
            fdata=$work/$name.$number.$kind.fdata
            "$analyze" convert -q -b "$program" -f fdata --infer $kind -o "$fdata" \
                "$work/$name.$number.pgoraw" || broken "$name: convert"
            count=$(by_profile "$fdata") || exit 3
            eval "$kind=\"\$$kind \$count\""
        done
    done
    result=$(python3 - "$name" "$plain" "$exact" "$off" "$on" "$bar" <<'PYTHON'
import sys
name, plain, exact, bar = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[6])
share = lambda taken: 100 * (plain - int(taken)) / (plain - exact)
off, on = ([share(taken) for taken in counts.split()] for counts in sys.argv[4:6])
mean = lambda shares: sum(shares) / len(shares)
row = lambda shares: "%5.1f %% (%s)" % (mean(shares), ", ".join("%.1f" % share for share in shares))
print("  %-8s plain %11d  exact %11d  samples %s  inferred %s" % (
    name, plain, exact, row(off), row(on)))
print(mean(on) >= bar)
PYTHON
    ) || broken "$name: no reduction"
    echo "$result" | head -1
    verdict "$(echo "$result" | tail -1)" "$name: inferred counts keep $bar %"
done
exit $missed
