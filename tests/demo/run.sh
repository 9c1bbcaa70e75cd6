#!/bin/sh
# run.sh BUILD: the main job from end to end, on SQLite as Debian ships it.
#
# Builds a program around Debian's static SQLite, records it while it works, shows
# what was learned, relinks it by that profile, and counts what was gained: taken jumps, and
# lines of the instruction cache that were touched, by valgrind, the same at every run.  Beside
# it the same with plain samples, and with the exact profile of BOLT's own instrumentation.
#
# The verdict rests on those counts and on what the programs print: it fails where a
# relinked program computes something else, or where ours gives less than 90 % of what
# the exact profile gives.  Times depend on what else the machine does; they are only shown.
#
#   SIZE=60         of the workload that is recorded and timed
#   SMALL=4         of the one that valgrind counts
#   WINDOWS=4000    samples that are recorded, however long that takes
#   PAIRS=6         pairs of each time comparison (6 at least)
#   TOOLS=BUILD     where pgo-record, pgo-analyze and pgo-bolt are: /usr/bin for the installed ones
set -u
. "$(dirname "$0")/../support/tools.sh"
. "$(dirname "$0")/../support/jumps.sh"
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
size=${SIZE:-60} small=${SMALL:-4} windows=${WINDOWS:-4000} pairs=${PAIRS:-6}
wanted_share=90 most_recordings=100
tools=${TOOLS:-$build}
record=$tools/pgo-record analyze=$tools/pgo-analyze bolt=$tools/pgo-bolt
demo=$build/demo
began=$(date +%s)

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
samples_in() { # FOLDER: of all its recordings
    "$analyze" show --json "$1"/*.pgoraw >samples.json || fail "show $1"
    from samples.json 'sum(one["counters"].get("SAMPLES", 0) for one in r["recordings"])'
}
# recorded FOLDER OPTIONS...: runs of the program until there are $windows samples
recorded() {
    folder=$1
    shift
    mkdir "$folder"
    for run in $(seq $most_recordings); do
        "$record" -q -F 1000 --budget 50 "$@" -o "$folder/$run.pgoraw" -- ./workload "$size" |
            cmp -s - expected || fail "the recorded program computes something else"
        [ "$(samples_in "$folder")" -lt "$windows" ] || return
    done
    fail "$most_recordings recordings have $(samples_in "$folder") samples, not $windows"
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
ratio() { # TITLE FILE ROW: one line of a table of times
    from "$2" '"  %-38s %7.4f   %.4f ... %.4f" % ("'"$1"'", *[r["cpu"]["'"$3"'"][k]
        for k in ("ratio", "low", "high")])'
}
count_layout() { # PROGRAM: NAME.counts gets its counts, NAME.out what it prints
    count_jumps "$1.counts" "./$1" "$small" >"$1.out" ||
        fail "valgrind $1: $(tail -n 3 "$1.counts.log")"
}

library=$(gcc -print-file-name=libsqlite3.a)
[ "$library" != libsqlite3.a ] || skip "no libsqlite3.a: install libsqlite3-dev"
command -v valgrind >/dev/null || skip "no valgrind"
instrumenter=$(instrumenter) || skip "no llvm-bolt: install bolt-22"

rm -rf "$demo"
mkdir -p "$demo" || exit 1
cd "$demo" || exit 1

title "The program: Debian's SQLite $(dpkg-query -W -f '${Version}' libsqlite3-dev 2>/dev/null), linked with --emit-relocs"
gcc -O2 -g -Wall -Wextra -Wl,--emit-relocs -o workload "$here/workload.c" "$library" -lm ||
    fail "the program does not build"
./workload "$size" >expected || fail "the program fails"
cat expected
"$bolt" doctor ./workload || fail "BOLT cannot relink it"

title "Recording it until there are $windows samples"
recorded lookahead
recorded plain-samples --branches off
"$analyze" report --top 10 lookahead/*.pgoraw || fail "report"

title "Relinking it with each profile"
"$instrumenter" workload -instrument -instrumentation-file="$demo/exact.fdata" \
    -o instrumented >instrument.log 2>&1 || fail "instrumenting: $(tail -n 3 instrument.log)"
./instrumented "$size" | cmp -s - expected || fail "the instrumented program computes otherwise"
# Instrumented and sampled profiles go through the same door.
"$bolt" relink workload -o exact --fdata exact.fdata || fail "relink by the exact profile"
# Plain samples are too few to say much of so large a program, and are taken all the same.
"$bolt" relink workload -o samples --force -p plain-samples/*.pgoraw || fail "relink by plain samples"
"$bolt" relink workload -o ours -p lookahead/*.pgoraw || fail "relink by the recordings"
for program in exact samples ours; do
    ./$program "$size" | cmp -s - expected || fail "$program computes something else"
done

title "What was gained, counted"
waited_for=
for program in workload exact samples ours; do
    count_layout $program &
    waited_for="$waited_for $!"
done
for process in $waited_for; do
    wait "$process" || exit 1
done
# Compared with the plain program under valgrind, which computes long doubles with 64
# bits: the last digit of a sum may be another one than without it.
for program in exact samples ours; do
    cmp -s $program.out workload.out || fail "$program computes something else"
done
python3 - "$wanted_share" <<'END_OF_TABLE' || fail "less than $wanted_share % of what the exact profile gives"
import sys
wanted = int(sys.argv[1])
counts = {name: [int(count) for count in open(name + ".counts").read().split()]
          for name in ("workload", "samples", "ours", "exact")}
taken = {name: values[0] for name, values in counts.items()}
plain, exact = taken["workload"], taken["exact"]
print("  %-28s %13s %10s %15s %12s" % ("profile", "taken jumps", "reduction", "share of exact",
                                       "code lines"))
for title, name in (("none (plain)", "workload"), ("plain samples", "samples"),
                    ("look-ahead (ours)", "ours"), ("exact (instrumented)", "exact")):
    print("  %-28s %13d %9.1f%% %14.1f%% %12d" % (
        title, taken[name], 100 * (plain - taken[name]) / plain,
        100 * (plain - taken[name]) / max(plain - exact, 1), counts[name][1]))
share = 100 * (plain - taken["ours"]) / max(plain - exact, 1)
print("\nshare of the exact profile's gain: %.1f %% (wanted: at least %d %%)" % (share, wanted))
sys.exit(exact >= plain or share < wanted)
END_OF_TABLE

title "CPU times here and now ($pairs interleaved pairs; for information)"
run="./workload $size"
compared time-ours.json ./workload ./ours -- "$size"
compared cost.json --no-noise --shell "$run" "$record -q --force -o $demo/cost.pgoraw -- $run"
printf '  %-38s %7s   %s\n' "" ratio "95 % interval"
ratio "plain / plain (what noise does)" time-ours.json a_over_a
ratio "relinked / plain" time-ours.json b_over_a
ratio "recorded / plain (as pgo-record comes)" cost.json b_over_a

title "All of it in one command: pgo-bolt cycle"
# What it would count where times cannot tell is counted above, in a smaller workload.
"$bolt" cycle ./workload -n "$pairs" --iterations 3 -F 1000 --budget 50 --accept-equal \
    --count-time 0 --out-dir cycle -- "$size"
status=$?
[ $status -le 1 ] || fail "cycle"
[ $status -eq 0 ] || echo "  (refused: on a quiet machine it is faster; the counts above decide here)"

title "The same with a program of your own"
cat <<'END_OF_ADVICE'
  link it with -Wl,--emit-relocs (pgo-bolt doctor ./app says what is missing), then
    pgo-record -o app.pgoraw -- ./app typical-input    # as it is, while it works
    pgo-analyze check -b ./app app.pgoraw              # is that enough?
    pgo-bolt relink ./app -p app.pgoraw -o app.bolt    # the faster program
    pgo-bolt compare ./app ./app.bolt -- typical-input
  or all of it: pgo-bolt cycle ./app -- typical-input
  or have its compiler use the profile: pgo-bolt rebuild -p app.pgoraw -b ./app -- make
END_OF_ADVICE
echo
echo "demo: passed in $(($(date +%s) - began)) seconds"
