#!/bin/sh
# check.sh BUILD [PROGRAM...]: what the verdicts of `pgo-analyze check` are worth.
# Each program is recorded with the defaults for about 0.3, 1, 3, 10 and 30 seconds of CPU
# time, and once more for 30, which each is compared with (`pgo-analyze overlap`).  The bars:
#     where convergence is ok, the overlap with the other recording is at least 90 %
#     1 second is told from 30: its verdict is worse
#     the longest recording is not stale for its build, nor for the same code under another
#     build-id, and it is fail for one whose own code is compiled otherwise and longer
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- lua sqlite shop
bound=90
full=22 # seconds of CPU time, about, that the long runs take
cat >row.py <<'END'
import json, sys
name, wanted, bound = sys.argv[1], sys.argv[2], float(sys.argv[3])
check = json.load(open("check.json"))
found = {c["name"]: c for c in check["checks"]}
overlap = json.load(open("overlap.json"))["overlap_percent"]
convergence = found["convergence"]
print("  %-7s %6s %6.1f %8d %-7s %-11s %8.1f%% %7.1f%% %-5s" % (
    name, wanted, float(open("seconds").read()), found["samples"]["samples"],
    found["samples"]["verdict"], convergence["verdict"], 100 * convergence["expected"], overlap,
    check["verdict"]))
open("grades", "a").write("%s %s %s\n" % (name, wanted, check["verdict"]))
if convergence["verdict"] == "ok":
    open("verdicts", "a").write("%s %s, %s s: converged, %.1f %% in common with another recording"
        " (at least %g %%)\n" % (overlap >= bound, name, wanted, overlap, bound))
END
# recorded NAME SECONDS FILE: leaves its CPU time in the file "seconds"
recorded() {
    command=$(program_run "$1" long)
    size=$(python3 -c 'import sys; print(max(1, round(int(sys.argv[1]) * float(sys.argv[2]) / float(sys.argv[3]))))' \
        "${command##* }" "$2" $full)
    cpu_seconds seconds "$record" -q -o "$3" -- ${command% *} "$size" || broken "recording $1"
}
# checked FILE BINARY PROFILE: its status says only what the verdict is
checked() {
    "$analyze" check --json -b "$2" "$3" >"$1"
    [ $? -le 1 ] || broken "pgo-analyze check $3"
}
# graded NAME SECONDS: its verdict as a number, the larger the worse
graded() {
    case $(sed -n "s/^$1 $2 //p" grades) in
    ok) echo 0 ;;
    weak) echo 1 ;;
    *) echo 2 ;;
    esac
}
# stale NAME BUILD WANTED: how stale the longest recording is for another build
stale() {
    checked stale.json "$work/$1.$2" "$1.30.pgoraw"
    found=$(value stale.json '[c["verdict"] for c in r["checks"] if c["name"] == "staleness"][0]')
    share=$(value stale.json '"%.2f" % (100 * [c["differing"] for c in r["checks"] if c["name"] == "staleness"][0])')
    echo "$([ "$found" = "$3" ] && echo True || echo False) $1, $2: staleness is $found, $share % of the counts (wanted: $3)" >>verdicts
}
: >verdicts
: >grades

title "Verdicts, and what recordings have in common with another one of 30 seconds"
printf '  %-7s %6s %6s %8s %-7s %-11s %9s %8s %s\n' program about CPU-s samples samples convergence \
    expected overlap verdict
for name in "$@"; do
    program_has "$name" || continue
    program_build "$name"
    binary=$programs/$name
    note "$name"
    recorded "$name" 30 "$name.other.pgoraw"
    for seconds in 0.3 1 3 10 30; do
        recorded "$name" $seconds "$name.$seconds.pgoraw"
        checked check.json "$binary" "$name.$seconds.pgoraw"
        "$analyze" overlap --json -b "$binary" "$name.$seconds.pgoraw" "$name.other.pgoraw" \
            >overlap.json || broken "overlap"
        python3 row.py "$name" $seconds $bound || exit 3
    done
    short=$(graded "$name" 1) long=$(graded "$name" 30)
    echo "$([ "$short" -gt "$long" ] && echo True || echo False) $name: the verdict of 1 second is worse than that of 30" >>verdicts
    cp "$binary" "$name.same"
    objcopy --remove-section .note.gnu.build-id "$binary" "$name.rebuilt" || broken "objcopy"
    mv "$binary" "$name.kept"
    stale "$name" same ok
    stale "$name" rebuilt ok
    optimise=-falign-functions=4096 # and without -O
    program_build "$name"
    optimise=
    mv "$binary" "$name.otherwise" && mv "$name.kept" "$binary"
    stale "$name" otherwise fail
done
[ -s verdicts ] || exit 77
bars verdicts
exit $missed
