#!/bin/sh
# tune.sh BUILD [PROGRAM...]: what the search of pgo-bolt tune finds, by counts alone, which neither
# load nor neighbours change.  Each program, linked with --emit-relocs, is recorded while it does
# the tuned work for longer, and tuned by that.  Then four are counted (`pgo-bolt compare --counts=valgrind`):
#     plain     as it was built
#     default   relinked by our recording, with the options of `pgo-bolt relink`
#     tuned     what tune handed over
#     exact     relinked with the options of relink by the profile of llvm-bolt -instrument, which
#               saw what was recorded
# on three workloads: that which it was tuned for; that which was held out (--hold-out), other work;
# and the tuned work three times as long, which tune does not know.
# Bars: tune hands over nothing that has more of the model's cycles than the default, on the tuned and
# the held-out work; nor 0.5 % more on the work that it does not know; where it says that nothing
# beats the default, what it hands over has the default's counts; what it says of jumps and cycles
# is found again (its files have other paths, and the loader does a little more or less).
#
# Builds, recordings and searches are kept in KEPT (BUILD/tuned) with what they were made of.
#     TIME=15m      what a search may take
#     WINDOWS=N     how many windows are recorded at least (4000)
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/gains_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop regex bzip2 xz
kept=${KEPT:-$build/tuned}
mkdir -p "$kept"
instrumenter=$(instrumenter)
[ -n "$instrumenter" ] || skip "no llvm-bolt: install bolt-22"
command -v valgrind >/dev/null || skip "no valgrind"
[ -z "$quick" ] || windows=${WINDOWS:-300}
time=${TIME:-$([ -n "$quick" ] && echo 20s || echo 15m)}

gains_input() {
    case $name:$1 in
    sqlite:tuned) input=2 ;;
    sqlite:held) input="1 reports" ;;
    sqlite:longer) input=6 ;;
    sqlite:learnt) input=60 ;;
    lua:tuned) input="$here/programs/work.lua 3" ;;
    lua:held) input="$here/programs/other.lua 4" ;;
    lua:longer) input="$here/programs/work.lua 9" ;;
    lua:learnt) input="$here/programs/work.lua 100" ;;
    shop:tuned) input=8 ;;
    shop:held) input="4 sums" ;;
    shop:longer) input=24 ;;
    shop:learnt) input=200 ;;
    regex:tuned) input=3 ;;
    regex:held) input="3 $here/../../LICENSE" ;;
    regex:longer) input=9 ;;
    regex:learnt) input=100 ;;
    bzip2:tuned | xz:tuned) input=1 ;;
    bzip2:held | xz:held) input="1 numbers" ;;
    bzip2:longer | xz:longer) input=3 ;;
    bzip2:learnt | xz:learnt) input=60 ;;
    esac
}
gains_run() { # COMMAND INPUT
    gains_input "$2"
    $1 $input </dev/null
}

# --- steps ----------------------------------------------------------------------
searched() { # by the recording; what tune says is in search.json
    gains_input held
    held=$input
    gains_input tuned
    ! fresh tuned "$directory/plain" "$directory/raw" "$bolt" "$input" "$held" "$time" || return 0
    step "searching"
    cpu_seconds "$directory/search.cpu" sh -c 'output=$1 && shift && exec "$@" >"$output"' sh \
        "$directory/search.json" "$bolt" tune "$directory/plain" -p "$directory/raw" \
        -o "$directory/tuned" --force --json -q --out-dir "$directory/known" --time "$time" -n 6 \
        --hold-out "$held" -- $input 2>"$directory/search.log" ||
        broken "tune: $(tail -n 2 "$directory/search.log")"
    keep tuned
}
# A B INPUT: the counts of both, to A.B.INPUT.json
compared_by_counts() {
    gains_input "$3"
    ! fresh "$1.$2.$3.json" "$directory/$1" "$directory/$2" "$bolt" "$input" || return 0
    step "counting $1 and $2 on $3"
    "$bolt" compare --counts=valgrind --json "$directory/$1" "$directory/$2" -- $input \
        >"$directory/$1.$2.$3.json" 2>"$directory/count.log"
    [ $? -le 1 ] || broken "counting $1 and $2: $(tail -n 2 "$directory/count.log")"
    keep "$1.$2.$3.json"
}
program_rows() {
    directory=$kept/$name language=c
    mkdir -p "$directory" && program_has "$name" || return 77
    program_build "$name"
    cmp -s "$programs/$name" "$directory/plain" || cp "$programs/$name" "$directory/plain"
    learn raw plain
    counted_by_bolt exact.fdata plain learnt
    relinked usual plain raw -p "$directory/raw"
    relinked exact plain exact.fdata --fdata "$directory/exact.fdata"
    searched
    for work_kind in tuned held longer; do
        compared_by_counts plain exact $work_kind
        compared_by_counts usual tuned $work_kind
    done
}

every_program tuned "$@"
[ -n "$measured" ] || exit 77
python3 - $measured >rows.text <<'PYTHON' || broken "the rows"
import json, os, sys
works = (("tuned", "tuned for"), ("held", "held out"), ("longer", "the tuned work for longer, not known to tune"))
words_for = {"usual": "default"} # files' names have one length, on which the loader's work depends
bars = []
print("  %-7s %-8s" % ("", "") + "".join(" | %-44s" % words for _, words in works))
print("  %-7s %-8s" % ("program", "layout") + " | %9s %6s %8s %10s %7s" * 3 % (
    ("jumps", "lines", "misses", "cycles", "change") * 3))
for directory in sys.argv[1:]:
    name = os.path.basename(directory)
    counts = {}
    for a, b in (("plain", "exact"), ("usual", "tuned")):
        for work, _ in works:
            one = json.load(open("%s/%s.%s.%s.json" % (directory, a, b, work)))["counts"][0]
            assert one["same_behaviour"], (name, a, b, work)
            counts[a, work], counts[b, work] = one["a"], one["b"]
    def cycles(kind, work):
        return counts[kind, work]["model_cycles"]
    def change(kind, work):
        return 100 * (cycles(kind, work) / cycles("usual", work) - 1)
    for kind in ("plain", "usual", "tuned", "exact"):
        print("  %-7s %-8s" % (name, words_for.get(kind, kind)) + "".join(" | %9.3f %6d %8d %10.3f %+6.2f%%" % (
            counts[kind, work]["taken_jumps"] / 1e6, counts[kind, work]["code_lines_touched"],
            counts[kind, work]["code_cache_misses"], cycles(kind, work) / 1e6, change(kind, work))
            for work, _ in works))
    search = json.load(open(directory + "/search.json"))
    trials = search["trials"]
    def words(trial):
        profile = "" if trial["profile"] == trials[0]["profile"] else "profile " + trial["profile"]
        return " ".join(trial["options"] + [profile] * bool(profile)) or "the default"
    def changes(trial):
        return len(trial["options"]) + (trial["profile"] != trials[0]["profile"])
    single = sorted((trial["screened"], words(trial)) for trial in trials[1:] if "screened" in trial
                    and changes(trial) == 1 and abs(trial["screened"] - 1) >= 0.0005)
    print("    %s: %s, %s; %d layouts, %d like another, %d left out, in %.0f s (CPU time %s s)%s" % (
        name, search["result"], search.get("why") or words(trials[search["winner"]]), len(trials),
        sum(trial["state"] == "same layout" for trial in trials),
        sum(trial["state"] in ("failed", "different") for trial in trials), search["seconds"],
        open(directory + "/search.cpu").read().strip(), ", the time was up" if search["time_was_up"] else ""))
    print("    %s: chance %.2f %%; single changes: %s" % (name, 100 * search["chance"], ", ".join(
        "%s %+.2f %%" % (option, 100 * (ratio - 1)) for ratio, option in single) or "none that matters"))
    for work, on in works[:2]:
        bars.append((cycles("tuned", work) <= cycles("usual", work),
                     "%s, %s: model cycles %+.2f %% of the default (no more)" % (name, on, change("tuned", work))))
    bars.append((change("tuned", "longer") < 0.5,
                 "%s, for longer: model cycles %+.2f %% of the default (less than 0.5 %%)" % (name, change("tuned", "longer"))))
    if search["result"] != "better":
        bars.append((all(counts["tuned", work] == counts["usual", work] for work, _ in works),
                     "%s: nothing better, and the default was handed over" % name))
    said = "winner" if search["result"] == "better" else "default"
    off = max(abs(counts[here, work][key] / one[there][key] - 1)
              for one, (work, _) in zip(search["workloads"], works)
              for there, here in (("plain", "plain"), (said, "tuned"))
              for key in ("taken_jumps", "model_cycles"))
    bars.append((off < 0.0005, "%s: jumps and cycles that tune says are within %.3f %% (less than 0.05 %%)" % (name, 100 * off)))
with open("verdicts", "w") as file:
    for good, line in bars:
        print(good, line, file=file)
PYTHON
title "What pgo-bolt tune finds (taken jumps and model cycles in millions, lines of code touched, code cache misses; change against the default)"
cat rows.text
bars verdicts
[ -z "$failed" ] || exit 3
exit $missed
