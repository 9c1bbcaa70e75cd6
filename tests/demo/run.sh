#!/bin/sh
# run.sh BUILD: the main job from end to end, on SQLite as Debian ships it.
#
# Builds a program around Debian's static SQLite, records it while it works,
# shows what recording costs and what was learned, relinks it by that profile,
# and measures what was gained: taken conditional branches (counted by valgrind,
# the same at every run) and CPU time.  Beside it the same with plain samples,
# and with the exact profile that BOLT's own instrumentation gives.
#
# Fails where a relinked program computes something else, where ours is slower
# than the plain build, or where it gives less than 90 % of what the exact
# profile gives.
#
#   PAIRS=12    pairs of each time comparison (6 at least)
#   SIZE=200    of the workload that is recorded and timed
#   SMALL=4     of the one that valgrind counts
set -u
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
pairs=${PAIRS:-12} size=${SIZE:-200} small=${SMALL:-4}
wanted_share=90
record=$build/pgo-record analyze=$build/pgo-analyze bolt=$build/pgo-bolt
demo=$build/demo

fail() {
    echo "demo: FAILED: $*" >&2
    exit 1
}
skip() {
    echo "demo: skipped: $*"
    exit 0
}
title() {
    printf '\n== %s\n' "$1"
}
# from JSON FILE EXPRESSION: a value of the report r
from() {
    python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2" || fail "$1 is not the report that was expected"
}
# compared FILE ARGUMENTS...: a comparison as JSON; slower is an answer, different is not
compared() {
    file=$1
    shift
    "$bolt" compare --json -n "$pairs" "$@" >"$file"
    status=$?
    [ $status -le 1 ] || fail "compare $*"
    [ "$(from "$file" 'r["same_behaviour"]')" = True ] || fail "$(from "$file" 'r["difference"]')"
}
cost() { # NAME FILE: one line of the overhead table
    from "$2" '"  %-38s %7.4f  %.4f ... %.4f" % ("'"$1"'", *[r["cpu"]["b_over_a"][k]
        for k in ("ratio", "low", "high")])'
}
# PROGRAM: how many conditional branches it takes, deterministically.  Its output is
# compared with that of the plain program under valgrind too: valgrind computes long
# doubles with 64 bits, and the last digit of a sum may be another one.
taken_branches() {
    valgrind --tool=lackey --basic-counts=yes "$1" "$small" 2>"$demo/lackey.log" \
        >"$demo/lackey.out" || fail "valgrind $1: $(tail -3 "$demo/lackey.log")"
    [ -e "$demo/lackey.expected" ] || cp "$demo/lackey.out" "$demo/lackey.expected"
    cmp -s "$demo/lackey.out" "$demo/lackey.expected" || fail "$1 computes something else"
    sed -n 's/.* taken: *\([0-9,]*\) .*/\1/p' "$demo/lackey.log" | tr -d ,
}

library=$(gcc -print-file-name=libsqlite3.a)
[ "$library" != libsqlite3.a ] || skip "no libsqlite3.a: install libsqlite3-dev"
command -v valgrind >/dev/null || skip "no valgrind"
instrumenter=$(for v in 22 21 20 19 18 17 16; do command -v llvm-bolt-$v && break; done)
[ -n "$instrumenter" ] || skip "no llvm-bolt: install bolt-22"

rm -rf "$demo"
mkdir -p "$demo" || exit 1
cd "$demo" || exit 1

title "The program: Debian's SQLite $(dpkg-query -W -f '${Version}' libsqlite3-dev 2>/dev/null), linked with --emit-relocs"
gcc -O2 -g -Wall -Wextra -Wl,--emit-relocs -o workload "$here/workload.c" "$library" -lm ||
    fail "the program does not build"
./workload "$size" >expected || fail "the program fails"
cat expected
"$bolt" doctor ./workload || fail "BOLT cannot relink it"

title "What recording costs ($pairs interleaved pairs, CPU time recorded / plain, 95 % interval)"
mkdir lookahead plain-samples defaults
run="./workload $size"
compared cost-defaults.json --shell "$run" "$record -q -o $demo/defaults/%p.pgoraw -- $run"
compared cost-lookahead.json --no-noise --shell "$run" \
    "$record -q -F 1000 --budget 50 -o $demo/lookahead/%p.pgoraw -- $run"
compared cost-samples.json --no-noise --shell "$run" \
    "$record -q -F 1000 --budget 50 --branches off -o $demo/plain-samples/%p.pgoraw -- $run"
from cost-defaults.json '"  %-38s %7.4f  %.4f ... %.4f" % ("plain against plain", *[
    r["cpu"]["a_over_a"][k] for k in ("ratio", "low", "high")])'
cost "pgo-record as it comes (budget 1 %)" cost-defaults.json
cost "1000/s with look-ahead" cost-lookahead.json
cost "1000/s, plain samples" cost-samples.json

title "What was learned: $(ls lookahead | wc -l) recordings at 1000/s, merged"
"$analyze" report --top 10 lookahead/*.pgoraw || fail "report"

title "Relinking with each profile"
"$instrumenter" workload -instrument -instrumentation-file="$demo/exact.fdata" \
    -o instrumented >instrument.log 2>&1 || fail "instrumenting: $(tail -3 instrument.log)"
./instrumented "$size" | cmp -s - expected || fail "the instrumented program computes otherwise"
# Instrumented and sampled profiles go through the same door.
"$bolt" relink workload -o exact --fdata exact.fdata || fail "relink by the exact profile"
"$bolt" relink workload -o samples -p plain-samples/*.pgoraw || fail "relink by plain samples"
"$bolt" relink workload -o ours -p lookahead/*.pgoraw || fail "relink by the recordings"
for program in exact samples ours; do
    ./$program "$size" | cmp -s - expected || fail "$program computes something else"
done

title "What was gained"
plain_taken=$(taken_branches ./workload) || exit 1
exact_taken=$(taken_branches ./exact) || exit 1
samples_taken=$(taken_branches ./samples) || exit 1
ours_taken=$(taken_branches ./ours) || exit 1
compared time-ours.json ./workload ./ours -- "$size"
for program in samples exact; do
    compared time-$program.json --no-noise ./workload ./$program -- "$size"
done
python3 - "$plain_taken" "$samples_taken" "$ours_taken" "$exact_taken" "$wanted_share" <<'END'
import json, sys
plain, samples, ours, exact, wanted = map(int, sys.argv[1:])
print("  %-26s %12s %9s %9s   %-28s" % ("", "taken cond.", "reduction", "share of", "CPU time / plain"))
print("  %-26s %12s %9s %9s   %-28s" % ("profile", "branches", "", "exact", "(95 % interval)"))
def times(name, row="b_over_a"):
    return json.load(open("time-%s.json" % name))["cpu"][row]
def line(title, taken, row):
    print("  %-26s %12d %8.1f%% %8.1f%%   %.4f (%.4f ... %.4f)" % (
        title, taken, 100 * (plain - taken) / plain, 100 * (plain - taken) / (plain - exact),
        row["ratio"], row["low"], row["high"]))
line("none (plain)", plain, times("ours", "a_over_a"))
line("plain samples", samples, times("samples"))
line("look-ahead (ours)", ours, times("ours"))
line("exact (instrumented)", exact, times("exact"))
share = 100 * (plain - ours) / (plain - exact)
print("\nshare of the exact profile's gain: %.1f %% (wanted: at least %d %%)" % (share, wanted))
sys.exit(exact >= plain or share < wanted)
END
[ $? -eq 0 ] || fail "less than $wanted_share % of what the exact profile gives"
[ "$(from time-ours.json 'r["verdict"]')" != slower ] || fail "the relinked program is slower"

title "All of it in one command: pgo-bolt cycle"
"$bolt" cycle ./workload -n "$pairs" -F 1000 --budget 50 --keep cycle -o cycled -- "$size" || fail "cycle"
echo
echo "demo: passed"
