#!/bin/sh
# flags.sh BUILD [PROGRAM...]: what the flags cost and bring that `pgo-bolt flags --best` has beside
# those of `pgo-bolt flags`, which keep code of different lines apart.  By counts alone, as
# kinds.sh: each release without them and with them, and the builds by a recording of it, by lines,
# probes and counters.
#     cost = cycles (instructions, code) of the release with them / without them - 1
#     saving = 1 - (cycles of the build with a profile / those of the release without the flags)
# Bare is a release of C or C++ of -O2 and lines alone, without probes: what the flags cost by
# themselves.  The builds with a profile are without the flags, which only the recorded release
# has; with BOTH=yes they have them, as in a project whose makefile has them.  Kinds are counted on
# an input like the recorded one; the best of them there, which auto would take, also on another
# (held).
# Bar: the best saves no less with the flags, on average, on either input.
#     KEPT=DIR, WINDOWS=N, KIND_RELEASE=stable   as for kinds.sh (BUILD/flags)
#     TRY=FLAGS      those instead of what --best has
#     COMPILER=gcc   programs in C by gcc instead of clang
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/gains_programs.sh"
. "$here/gains_steps.sh"
. "$here/kinds_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite shop json pages toml zstd lua rows bzip2 values
kept=${KEPT:-$build/flags}
mkdir -p "$kept"
clang=$(newest clang)
[ -z "${COMPILER-}" ] || clang=$(command -v "$COMPILER")
[ -n "$clang" ] || skip "no ${COMPILER-clang}"
command -v valgrind >/dev/null || skip "no valgrind"
unset CC CXX CFLAGS RUSTFLAGS GOFLAGS
counted_inputs=counted

code_size() { # BINARY
    printf '%d\n' "0x$(readelf -SW "$directory/$1" | awk '{ sub(/^ *\[ *[0-9]+\]/, "") } $1 == ".text" { print $5 }')"
}
variant() { # without|with
    directory=$kept/$name/$1
    mkdir -p "$directory" && gains_program "$name" || return 77
    [ $language != clang ] || language=${COMPILER-clang}
    ! grep -q 'exec .*/clang++' "$directory/build" || [ $language = clang ] || {
        echo "  $name: skipped: it is not in C"
        return 77
    }
    best= more_flags=
    [ "$1" = without ] || best=${TRY:-$(best_alone)}
    : >"$directory/rows"
    case $language in
    clang) made bare -gdwarf-4 $best ;;
    gcc) made bare -g $best ;;
    esac
    release_made $best || return 77
    for release in bare release; do
        [ -s "$directory/$release" ] || continue
        row $release
        code_size $release >"$directory/$release.size"
    done
    counted release held
    [ -z "${BOTH-}" ] || more_flags=$best
    learn release.raw release
    rebuilt lines release release.raw --as=lines
    row lines
    [ $language != clang ] || {
        rebuilt probes release release.raw
        row probes
    }
    [ $language = gcc ] || {
        rebuilt ir release release.raw --as=ir
        row ir
    }
    best_kind=$(while read -r kind; do
        [ $kind = bare ] || echo "$(cut -d ' ' -f 3 "$directory/$kind.counts") $kind"
    done <"$directory/rows" | sort -n | sed -n '1s/.* //p')
    counted "$best_kind" held
    cp "$directory/$best_kind.counts" "$directory/best.counts"
    cp "$directory/$best_kind.held.counts" "$directory/best.held.counts"
}
program_rows() {
    variant without && variant with
}

every_program counted "$@"
[ -n "$measured" ] || exit 77
title "Flags of flags --best: what they cost releases, and what builds with profiles save without and with them"
python3 - $measured >rows.text <<'PYTHON' || broken "the rows"
import os, sys
variants = ("without", "with")
def number_of(name, directory, variant, field):
    return int(open("%s/%s/%s" % (directory, variant, name)).read().split()[field])
def mean(rows):
    return [sum(column) / len(column) for column in zip(*rows)]
def print_cost(name, release, row):
    print("  %-8s %-8s %12s %12s %12s" % ((name, release) + tuple("%+.2f %%" % percent for percent in row)))
print("  %-8s %-8s %12s %12s %12s" % ("cost of", "release", "instructions", "cycles", "code"))
cost = {}
for directory in sys.argv[1:]:
    for release in ("bare", "release"):
        if not os.path.exists(directory + "/without/" + release):
            continue
        counted = [[number_of(release + name, directory, variant, field) for variant in variants]
                   for name, field in ((".counts", 1), (".counts", 2), (".size", 0))]
        row = [100 * (after / before - 1) for before, after in counted]
        cost.setdefault(release, []).append(row)
        print_cost(os.path.basename(directory), release, row)
for release, rows in cost.items():
    print_cost("average", release, mean(rows))
def print_lift(name, kind, savings):
    print("  %-8s %-8s %10.2f %% %8.2f %% %+8.2f" % (name, kind, savings[0], savings[1], savings[1] - savings[0]))
print("\n  %-8s %-8s %12s %10s %8s" % ("program", "saves by", "without", "with", "lift"))
lifts, bars = {}, []
for directory in sys.argv[1:]:
    for kind in ("lines", "probes", "ir", "best", "best.held"):
        counts = kind + ".counts"
        if not all(os.path.exists("%s/%s/%s" % (directory, variant, counts)) for variant in variants):
            continue
        release = number_of("release.held.counts" if kind == "best.held" else "release.counts", directory, "without", 2)
        savings = [100 * (1 - number_of(counts, directory, variant, 2) / release) for variant in variants]
        lifts.setdefault(kind, []).append(savings)
        print_lift(os.path.basename(directory), kind.replace(".held", ", held"), savings)
for kind, rows in lifts.items():
    without, best = mean(rows)
    print_lift("average", kind.replace(".held", ", held"), (without, best))
    if kind.startswith("best"):
        bars.append((best >= without, "%s saves %.2f %% with them, %.2f %% without, on average" % (
            kind.replace(".held", ", held,"), best, without)))
with open("verdicts", "w") as file:
    for good, line in bars:
        print(good, line, file=file)
PYTHON
cat rows.text
bars verdicts
[ -z "$failed" ] || exit 3
exit $missed
