#!/bin/sh
# layout.sh BUILD [PROGRAM...]: what our profile is worth to BOLT, beside an exact one.
# Each program, linked with --emit-relocs, is recorded once for at least 20 seconds of CPU
# time with the defaults; relinked by that and by exact profiles with the same options of
# BOLT (pgo-bolt relink); and its taken jumps, conditional and not, are counted by valgrind's
# callgrind on a small run of the same work.
#     share = (plain - ours) / (plain - exact)
# Beside them the lines of the instruction cache that the run touched: plain, ours, instrumented.
# Two profiles are exact: that of llvm-bolt -instrument, of the same long run, and callgrind's
# counts of every jump, of the counted run itself.  The bar is held against the first, which
# saw what ours saw.  Where it leaves hot functions out (1 % of the samples; they are listed),
# it is held against whichever of the two leaves fewer jumps.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/layout_steps.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua shop regex json xz bzip2
bar=98
layout_needs
cat >"$work/row.py" <<'END'
import json, sys
name, directory = sys.argv[1], sys.argv[2]
plain, ours, instrumented, callgrind = map(int, sys.argv[3:7])
lines = tuple(map(int, sys.argv[7:10]))
bar = float(sys.argv[10])
samples = json.load(open("counters.json"))["SAMPLES"]
share = lambda exact: 100 * (plain - ours) / (plain - exact) if plain > exact else float("nan")
print("  %-7s %5.1f %8d %12d %12d %6.1f%% %12d %12d %8.1f%% %8.1f%%  %6d %6d %6d" % (name,
    float(open(directory + "/ours.seconds").read()), samples, plain, ours,
    100 * (plain - ours) / plain, instrumented, callgrind, share(instrumented), share(callgrind), *lines))
# The hottest functions of the program that the instrumented profile says nothing of.
known = set()
for line in open(directory + "/instrumented.fdata"):
    fields = line.split()
    if len(fields) >= 6:
        known.update(name.split("/")[0] for name in (fields[1], fields[4]))
report = json.load(open("report.json"))
hot = [f for f in report["functions"] if f["name"] and f["module"].endswith("/programs/" + name)]
left = [f for f in hot if f["name"].split("/")[0] not in known and f["self_percent"] >= 1]
if left:
    open("left", "a").write("  %s: %s\n" % (name, ", ".join(
        "%s (%.1f %% of the samples)" % (f["name"], f["self_percent"]) for f in left)))
best = min(instrumented, callgrind) if left else instrumented
good = plain > best and share(best) >= bar
open("verdicts", "a").write("%s %s: %.1f %% of what the exact profile saves (at least %g %%)\n" % (
    good, name, share(best), bar))
END
: >verdicts
: >left

title "Taken jumps, and lines of code touched, after $("$instrumenter" --version | sed -n 's/.*LLVM version/LLVM/p' | head -n 1) BOLT (pgo-bolt relink, callgrind)"
printf '  %-7s %5s %8s %12s %12s %7s %12s %12s %9s %9s  %20s\n' program CPU-s samples plain ours less \
    instrumented callgrind 'share of' 'share of' 'lines touched'
printf '  %-7s %5s %8s %12s %12s %7s %12s %12s %9s %9s  %6s %6s %6s\n' '' '' '' '' '' '' '' '' instr. \
    callgr. plain ours instr.
for name in "$@"; do
    program_has "$name" || continue
    layout_program "$name"
    counters "$layouts/$name/ours.pgoraw" >counters.json
    "$analyze" report --json --top 20 "$layouts/$name/ours.pgoraw" >report.json || exit 3
    note "$name: relinking and counting"
    plain=$(layout_jumps "$name" plain) && ours=$(layout_jumps "$name" ours) &&
        instrumented=$(layout_jumps "$name" instrumented) &&
        callgrind=$(layout_jumps "$name" callgrind) || exit 3
    lines=$(for kind in plain ours instrumented; do layout_lines "$name" $kind; done)
    python3 "$work/row.py" "$name" "$layouts/$name" "$plain" "$ours" "$instrumented" "$callgrind" \
        $lines $bar || exit 3
done
[ ! -s left ] || {
    title "Hot functions that llvm-bolt -instrument left out"
    cat left
}
[ -s verdicts ] || exit 77
bars verdicts
exit $missed
