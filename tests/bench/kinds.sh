#!/bin/sh
# kinds.sh BUILD [PROGRAM...]: which kind of profile is worth what, by counts alone, which neither
# load nor neighbours change: the release, the instrumented build, ours by samples of lines, by
# probes, by counters (--as=ir), and what --as=auto leaves; each by itself and after BOLT, the
# instrumented one by the exact profile of BOLT's own instrumentation, ours by our recordings.
#     saving = 1 - (estimated cycles / those of the release), as gains.sh counts them
#     share = saving / the saving of the instrumented build
# All are counted twice: on an input like the one that was recorded, and on another, that asks
# for something else (held).  The kinds are what --as=auto made and counted.
# Bars: auto has 95 % of the instrumented saving on each program, 100 % on average; what `pgo-bolt
# cycle --as=auto` takes, the best of all kinds alone and after BOLT on the recorded input, is
# ahead of instrumented alone on each, and of instrumented with BOLT on average.
#
# Builds, recordings and counts are kept in KEPT (BUILD/kinds) with what they were made of.
#     KIND_RELEASE=stable   Rust's release without the one option of the nightly compiler
#     WINDOWS=N              how many windows are recorded at least (4000)
#     BEST=yes              releases with what `pgo-bolt flags --best` says, beside that
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/gains_programs.sh"
. "$here/gains_steps.sh"
. "$here/kinds_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite shop json pages toml zstd lua rows
kept=${KEPT:-$build/kinds}
mkdir -p "$kept"
instrumenter=$(instrumenter) clang=$(newest clang) profdata=$(newest llvm-profdata)
[ -n "$clang" ] && [ -n "$profdata" ] && [ -n "$instrumenter" ] ||
    skip "no clang, llvm-profdata and llvm-bolt"
command -v valgrind >/dev/null || skip "no valgrind"
unset CC CXX CFLAGS RUSTFLAGS GOFLAGS

# Records the release and counts what auto made of it: lines, probes, ir, and auto, which is
# $of_auto.
kinds_chosen() {
    learn release.raw release
    of_auto=release
    chosen auto release release.raw
    for kind in lines probes ir; do
        made_by_auto=$directory/profiles/choice/auto.$kind
        [ -s "$made_by_auto" ] || continue
        cmp -s "$made_by_auto" "$directory/$kind" || cp "$made_by_auto" "$directory/$kind"
        row $kind
        ! cmp -s "$directory/auto" "$directory/$kind" || of_auto=$kind
    done
    row auto
}
program_rows() {
    directory=$kept/$name
    mkdir -p "$directory" && gains_program "$name" || return 77
    : >"$directory/rows"
    release_made ${BEST:+$(best_alone)} || return 77
    row release
    instrumented pgo learnt
    row pgo
    kinds_chosen
    relinked release.bolt release release.raw -p "$directory/release.raw"
    row release.bolt
    counted_by_bolt pgo.fdata pgo learnt
    relinked pgo.bolt pgo pgo.fdata --fdata "$directory/pgo.fdata"
    row pgo.bolt
    for kind in lines probes ir auto; do
        [ -s "$directory/$kind" ] || continue
        # What auto left is one of the others: their recording is its own.
        [ $kind != auto ] || ! cmp -s "$directory/auto" "$directory/$of_auto" || {
            cp "$directory/$of_auto.bolt" "$directory/auto.bolt"
            row auto.bolt
            continue
        }
        learn $kind.raw $kind
        relinked $kind.bolt $kind $kind.raw -p "$directory/$kind.raw"
        row $kind.bolt
    done
}

every_program counted "$@"
[ -n "$measured" ] || exit 77
title "Kinds of profiles (instructions, taken jumps and estimated cycles in millions; share of the instrumented saving)"
python3 - $measured >rows.text <<'PYTHON' || broken "the rows"
import os, sys
words = {"release": "the release", "pgo": "instrumented", "lines": "ours, by lines", "probes": "ours, by probes",
         "ir": "ours, counters", "auto": "ours, auto"}
def counts(directory, kind, held):
    file = "%s/%s%s.counts" % (directory, kind, ".held" if held else "")
    return [int(count) / 1e6 for count in open(file).read().split()]
bars, alone, after = [], {}, {}
print("  %-10s %-22s %9s %8s %9s %8s %7s | %9s %8s %7s" % ("program", "build", "instr.", "taken", "cycles", "saving",
      "share", "held", "saving", "share"))
for directory in sys.argv[1:]:
    name = os.path.basename(directory)
    kinds = [line.strip() for line in open(directory + "/rows")]
    found = {(kind, held): counts(directory, kind, held) for kind in kinds for held in (False, True)}
    def cycles(kind, held):
        return found[kind, held][2]
    def share(kind, held):
        saved = cycles("release", held) - cycles("pgo", held)
        return 100 * (cycles("release", held) - cycles(kind, held)) / saved if saved > 0 else None
    def percent(kind, held):
        return "-" if share(kind, held) is None else "%.1f %%" % share(kind, held)
    for kind in kinds:
        plain = words[kind.split(".")[0]] + (", BOLT" if kind.endswith(".bolt") else "")
        jumps, instructions, own = found[kind, False]
        print("  %-10s %-22s %9.2f %8.2f %9.2f %6.1f %% %7s | %9.2f %6.1f %% %7s" % (
            name, plain, instructions, jumps, own, 100 * (1 - own / cycles("release", False)), percent(kind, False),
            cycles(kind, True), 100 * (1 - cycles(kind, True) / cycles("release", True)), percent(kind, True)))
    taken = min((kind for kind in kinds if not kind.startswith("pgo")), key=lambda kind: cycles(kind, False))
    print("  %-10s cycle takes %s" % (name, taken))
    for held in (False, True):
        on = name + (", held" if held else "")
        after.setdefault(held, []).append((cycles(taken, held) / cycles("release", held),
                                           cycles("pgo.bolt", held) / cycles("release", held)))
        if share("auto", held) is None:
            continue # the instrumented build saves nothing there
        alone.setdefault(held, []).append(share("auto", held))
        bars.append((share("auto", held) >= 95, "%s: auto has %.1f %% of the instrumented saving (at least 95 %%)" % (
            on, share("auto", held))))
        bars.append((cycles(taken, held) < cycles("pgo", held),
            "%s: cycle's %s %.2f, instrumented alone %.2f" % (on, taken, cycles(taken, held), cycles("pgo", held))))
def mean(values):
    return sum(values) / len(values)
for held in (False, True):
    on = "on average" + (", held" if held else "")
    if held in alone:
        bars.append((mean(alone[held]) >= 100,
                     "%s auto has %.1f %% of it (at least 100 %%)" % (on, mean(alone[held]))))
    ours, exact = mean([a for a, b in after[held]]), mean([b for a, b in after[held]])
    bars.append((ours < exact, "%s what cycle takes has %.4f of the release's cycles, instrumented with BOLT %.4f" % (on, ours, exact)))
with open("verdicts", "w") as file:
    for good, line in bars:
        print(good, line, file=file)
PYTHON
cat rows.text
bars verdicts
[ -z "$failed" ] || exit 3
exit $missed
