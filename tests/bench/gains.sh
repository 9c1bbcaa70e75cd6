#!/bin/sh
# gains.sh BUILD [PROGRAM...]: what a profile by pgo-record is worth to each compiler, and to
# BOLT after it, beside instrumented builds.  Each release is recorded over a long run and
# built again by `pgo-bolt rebuild`; the instrumented build sees the same long run.
#     gain = 1 - (CPU time / that of the release), interleaved pairs of a short run
#     share = gain / the gain of the instrumented build
# Beside it what a noisy machine does not change, of a small run: instructions and all taken
# jumps by callgrind (jumps.sh), and its estimate of cycles, as
# KCachegrind adds it up: an instruction is 1, a mispredicted branch or a miss of the first
# cache 10, one of the last 100, with caches of the sizes that `pgo-bolt compare --counts` has.
# Ours is what docs/rebuilding.md recommends: probes for clang, discriminators for rustc.
# Bars: sample-PGO alone has 92 % of the instrumented gain on each program, and more than all
# of it on average; with BOLT it is ahead of instrumented alone; what rebuild --as=auto leaves has
# 95 % of the instrumented saving of estimated cycles.
#
# Builds, recordings and rows are kept in BUILD/gains with what they were made of: what is the
# same is not made again, so that a run that was broken off goes on where it was.  What is done,
# and when, is in BUILD/gains/log.  A program that cannot be measured does not stop the others.
#     ONLY=build     builds and records, and measures no time
#     AGAIN=yes      measures rows again that are there
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/gains_programs.sh"
. "$here/gains_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite shop json pages tally
each_least=92
rate=${RATE:-4000} budget=${BUDGET:-5}
lines="-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
probes=-fpseudo-probe-for-profiling
kept=$build/gains
mkdir -p "$kept"
instrumenter=$(instrumenter) clang=$(newest clang) profdata=$(newest llvm-profdata)
[ -n "$clang" ] && [ -n "$profdata" ] && [ -n "$instrumenter" ] ||
    skip "no clang, llvm-profdata and llvm-bolt"
unset CC CXX CFLAGS RUSTFLAGS GOFLAGS

# --- rows -----------------------------------------------------------------------
row() { # KIND WORDS
    kind=$1
    shift
    counted "$kind"
    echo "$kind $*" >>"$directory/rows"
    [ "${ONLY-}" != build ] || return 0
    gains_input short
    [ -z "${AGAIN-}" ] || rm -f "$directory/$kind.json"
    fresh "$kind.json" "$directory/lines" "$directory/$kind" "$input" "$pairs" || {
        step "measuring $kind"
        case $language in
        rust) compared "$directory/$kind.json" --no-noise --stdin "$input" "$directory/lines" "$directory/$kind" ;;
        *) compared "$directory/$kind.json" --no-noise "$directory/lines" "$directory/$kind" -- $input ;;
        esac
        keep "$kind.json"
    }
    python3 - "$directory" "$name" "$kind" "$*" <<'PYTHON' || broken "$kind of $name"
import json, sys
directory, name, kind, words = sys.argv[1:]
file = directory + "/" + kind
row = json.load(open(file + ".json"))["cpu"]["b_over_a"]
taken, instructions, cycles = (int(count) / 1e6 for count in open(file + ".counts").read().split())
print("  %-7s %-38s %8.2f %7.2f %8.2f   %6.4f  %6.4f ... %6.4f" % (
    name, words, instructions, taken, cycles, row["ratio"], row["low"], row["high"]))
PYTHON
}
compiled_rows() { # BEST WORDS
    best=$1 words=$2
    recorded lines.raw lines long -F $rate --budget $budget
    rebuilt lines.pgo lines lines.raw
    recorded $best.raw $best long -F $rate --budget $budget
    rebuilt $best.pgo $best $best.raw
    rebuilt ir.pgo lines lines.raw --as=ir
    chosen auto.pgo $best $best.raw
    recorded auto.pgo.raw auto.pgo long -F $rate --budget $budget
    relinked auto.bolt auto.pgo auto.pgo.raw -p "$directory/auto.pgo.raw"
    recorded defaults.raw $best long
    rebuilt defaults.pgo $best defaults.raw
    recorded other.raw $best other -F $rate --budget $budget
    rebuilt other.pgo $best other.raw
    instrumented pgo long
    instrumented other.instrumented other
    counted_by_bolt exact.fdata lines long
    relinked exact.bolt lines exact.fdata --fdata "$directory/exact.fdata"
    relinked lines.bolt lines lines.raw -p "$directory/lines.raw"
    recorded $best.pgo.raw $best.pgo long -F $rate --budget $budget
    relinked both.bolt $best.pgo $best.pgo.raw -p "$directory/$best.pgo.raw"
    relinked $best.bolt $best $best.raw -p "$directory/$best.raw" --yaml "$directory/$best.yaml.new"
    cp "$directory/$best.yaml.new" "$directory/$best.yaml"
    relinked once.bolt $best.pgo $best.yaml --fdata "$directory/$best.yaml" -- -infer-stale-profile

    row lines "the release"
    row pgo "instrumented PGO"
    row lines.pgo "ours, by lines"
    row $best.pgo "ours, $words"
    row ir.pgo "ours, counters"
    row auto.pgo "ours, the best by counts"
    row exact.bolt "BOLT, exact profile"
    row lines.bolt "BOLT, ours"
    row both.bolt "ours, and BOLT by ours"
    row auto.bolt "the best by counts, and BOLT by ours"
    row once.bolt "that of one recording"
    row defaults.pgo "ours, recorded with the defaults"
    row other.instrumented "instrumented on another input"
    row other.pgo "ours, recorded on another input"
}
go_rows() {
    for input_kind in long other; do
        gains_input $input_kind
        fresh $input_kind.own "$directory/lines" "$input" || {
            step "Go's own profile, $input_kind"
            CPUPROFILE=$directory/$input_kind.own gains_run "$directory/lines" $input_kind >/dev/null ||
                broken "$name"
            keep $input_kind.own
        }
    done
    made pgo -pgo="$directory/long.own"
    made other.own.pgo -pgo="$directory/other.own"
    recorded lines.raw lines long -F $rate --budget $budget
    rebuilt lines.pgo lines lines.raw
    recorded defaults.raw lines long
    rebuilt defaults.pgo lines defaults.raw
    recorded other.raw lines other -F $rate --budget $budget
    rebuilt other.pgo lines other.raw

    row lines "the release"
    row pgo "by runtime/pprof"
    row lines.pgo "ours"
    row defaults.pgo "ours, recorded with the defaults"
    row other.own.pgo "by runtime/pprof, another input"
    row other.pgo "ours, recorded on another input"
}
program_rows() {
    directory=$kept/$name
    mkdir -p "$directory" && gains_program "$name" || return 77
    : >"$directory/rows"
    case $language in
    clang)
        made lines $lines && made probes $lines $probes && compiled_rows probes "by probes"
        ;;
    rust)
        made lines -Cdebuginfo=1
        RUSTC_BOOTSTRAP=1 made discriminated -Cdebuginfo=1 -Zdebug-info-for-profiling
        compiled_rows discriminated "with discriminators"
        ;;
    go) made lines && go_rows ;;
    esac
}

title "Gains of profiles (CPU time against the release; instructions, taken jumps and estimated cycles in millions)"
load_warning
printf '  %-7s %-38s %8s %7s %8s   %6s  %s\n' program build instr. taken cycles ratio '95 % interval'
every_program measured "$@"
[ "${ONLY-}" != build ] || exit 0
[ -n "$measured" ] || exit 77
title "What pgo-bolt rebuild said"
for directory in $measured; do
    for log in "$directory"/*.pgo.log; do
        [ ! -s "${log%.pgo.log}.raw" ] ||
            echo "  ${directory##*/} $(basename "$log" .pgo.log): $(tail -n 1 "$log" | sed 's/^[^:]*: //')"
    done
done
python3 - $each_least $measured >verdicts <<'PYTHON' || broken "the rows"
import json, os, sys
def share(release, ours, instrumented):
    return 100 * (release - ours) / (release - instrumented) if instrumented < release else float("inf")
shares = []
for directory in sys.argv[2:]:
    name, kinds, cycles = os.path.basename(directory), {}, {}
    for line in open(directory + "/rows"):
        kind = line.split()[0]
        kinds[kind] = json.load(open("%s/%s.json" % (directory, kind)))["cpu"]["b_over_a"]["ratio"]
        cycles[kind] = int(open("%s/%s.counts" % (directory, kind)).read().split()[2])
    ours = next(k for k in ("probes.pgo", "discriminated.pgo", "lines.pgo") if k in kinds)
    shares.append(share(1, kinds[ours], kinds["pgo"]))
    print(shares[-1] >= float(sys.argv[1]), "%s: %.0f %% of the instrumented gain (at least %s %%); of its estimated cycles %.0f %%" % (
        name, shares[-1], sys.argv[1], share(cycles["lines"], cycles[ours], cycles["pgo"])))
    if "auto.pgo" in kinds:
        kept = share(cycles["lines"], cycles["auto.pgo"], cycles["pgo"])
        print(kept >= 95, "%s: the best by counts has %.0f %% of the instrumented saving of estimated cycles (at least 95 %%)" % (
            name, kept))
    if "both.bolt" in kinds:
        print(kinds["both.bolt"] < kinds["pgo"], "%s: sample-PGO and BOLT %.4f, instrumented %.4f" % (
            name, kinds["both.bolt"], kinds["pgo"]))
print(sum(shares) / len(shares) > 100, "on average %.0f %% (more than 100 %%)" % (sum(shares) / len(shares)))
PYTHON
bars verdicts
[ -z "$failed" ] || exit 3
exit $missed
