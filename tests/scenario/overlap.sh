#!/bin/sh
# overlap: llvm-profdata's figures for sample profiles, the sum of the smaller shares for the rest.
. "$(dirname "$0")/../support/scenario.sh" "$1"
profiles=$(cd tests/profiles && pwd)
cd "$work" || exit 1

# By symbol, by hand: shares 1/2 1/4 1/4 and 1/4 3/4 0, so 1/4 + 1/4 in common.
printf '1 a 1 1 a 2 0 2\n1 a 5 1 b 0 0 1\n1 b 3 1 b 9 0 1\n' >one.fdata
printf '1 a 5 1 b 0 9 300\n1 a 1 1 a 2 0 100\n' >two.fdata
expect_status 0 "$analyze" overlap --json one.fdata two.fdata
python3 - out <<'END' || fail "overlap by symbol"
import json, sys
found = json.load(open(sys.argv[1]))
assert abs(found["overlap_percent"] - 50) < 1e-9, found
assert found["places"] == {"both": 2, "first_only": 1, "second_only": 0}, found
functions = {one["name"]: one for one in found["top"]}
assert abs(functions["a"]["first_percent"] - 75) < 1e-9, found
assert abs(functions["a"]["similarity_percent"] - 100 * (1 / 4 + 1 / 3)) < 1e-9, found
assert functions["b"]["second_count"] == 0, found
END
expect_status 0 "$analyze" overlap one.fdata one.fdata
grep -q '^overlap  *100.000 %$' out || fail "not the same as itself"
expect_status 1 "$analyze" overlap --at-least 51 one.fdata two.fdata
expect_status 0 "$analyze" overlap --at-least 49 one.fdata two.fdata
printf '1 _ZN5shape4areaEv/2 1 1 plain 2 0 2\n' >mangled.fdata
expect_status 0 "$analyze" overlap mangled.fdata mangled.fdata
grep -q ' shape::area/2$' out || fail "names are not as people wrote them: $(cat out)"
expect_status 0 "$analyze" overlap --no-demangle mangled.fdata mangled.fdata
grep -q ' _ZN5shape4areaEv/2$' out || fail "--no-demangle"
printf 'no_lbr cycles\n1 a 1 7\n' >samples.fdata
expect_status 2 "$analyze" overlap one.fdata samples.fdata
expect_said "only one of both has branches"
{ echo boltedcollection; sed 's|1 a|1 a/x.c/1|' one.fdata; } >rewritten.fdata
for verb in overlap diff; do
    expect_status 2 "$analyze" $verb rewritten.fdata one.fdata
    expect_said "compare the recordings, with -b ORIGINAL"
    expect_status 2 "$analyze" $verb one.fdata rewritten.fdata
done
expect_status 0 "$analyze" overlap rewritten.fdata rewritten.fdata
expect_status 2 "$analyze" overlap one.fdata "$profiles/lines.prof"
expect_said "it has symbols and no source lines"
expect_status 2 "$analyze" overlap one.fdata

# By address: one recording in several formats has everything in common with itself.
"$record" -F 1000 --branches lookahead -o app.pgoraw -- "$fixtures/branchy" 2000 >/dev/null 2>&1 ||
    skip "nothing could be recorded"
for format in fdata preagg; do
    "$analyze" convert -b "$fixtures/branchy" -f $format -o app.$format app.pgoraw ||
        skip "no branches were recorded"
    expect_status 0 "$analyze" overlap -b "$fixtures/branchy" app.pgoraw app.$format
    grep -q '^overlap  *100.000 %$' out || fail "raw and $format differ: $(cat out)"
done
expect_status 0 "$analyze" overlap app.pgoraw app.fdata
expect_status 2 "$analyze" overlap app.preagg app.fdata
expect_said "app.preagg does not say which binary it is of"

# Sample profiles: every figure that llvm-profdata gives.
profdata=$(command -v llvm-profdata-22 || command -v llvm-profdata-19) || exit 0
sed 's/: 50 foo/: 70 foo/; s/deeper:100/other:100/; s/^foo:/bar:/' "$profiles/lines.prof" >lines.prof
sed 's/: 50 foo/: 7 foo/; s/ 1: 9$/ 1: 90/' "$profiles/probes.prof" >probes.prof
sed 's/287884/2878/; s/^.main.:/[other]:/' "$profiles/contexts.prof" >contexts.prof
for name in lines probes contexts; do
    for order in "$profiles/$name.prof $name.prof" "$name.prof $profiles/$name.prof"; do
        # shellcheck disable=SC2086
        "$profdata" overlap --sample --value-cutoff=0 $order >theirs || fail "llvm-profdata overlap"
        # shellcheck disable=SC2086
        "$analyze" overlap --json --top 1000 $order >ours || fail "overlap $order"
        python3 - theirs ours <<'END' || fail "$name: llvm-profdata says otherwise"
import json, re, sys
theirs = open(sys.argv[1]).read()
ours = json.load(open(sys.argv[2]))
wrong = 0

def check(words, found, tolerance):
    global wrong
    said = float(re.search(words + r": ([0-9.]+)", theirs).group(1))
    if abs(said - found) > tolerance:
        wrong += 1
        print(words, said, found)

def share(counts):
    return 100 * counts["both"] / sum(counts.values())

check("profile similarity", ours["similarity_percent"], 0.0006)
check("sample overlap", ours["in_common_percent"], 0.0006)
check("unique in base profile", ours["first_only_percent"], 0.0006)
check("unique in test profile", ours["second_only_percent"], 0.0006)
check("total samples in base profile", ours["first_total"], 0)
check("total samples in test profile", ours["second_total"], 0)
check("  Function overlap", share(ours["functions"]), 0.0006)
check(" functions unique in base profile", ours["functions"]["first_only"], 0)
check(" functions unique in test profile", ours["functions"]["second_only"], 0)
check("Hot-function overlap", share(ours["hot_functions"]), 0.0006)
check("overlap hot functions", ours["hot_functions"]["both"], 0)
check("Hot-block overlap", share(ours["hot_places"]), 0.0006)
check("overlap hot blocks", ours["hot_places"]["both"], 0)
check("hot blocks unique in base profile", ours["hot_places"]["first_only"], 0)
check("hot blocks unique in test profile", ours["hot_places"]["second_only"], 0)

functions = {one["name"].strip("[]"): one for one in ours["top"]}
seen = 0
for line in theirs[theirs.index("Function name"):].splitlines()[1:]:
    *percents, _, _, name = re.match(r"(\S+)%\s+(\S+)%\s+(\S+)%\s+(\S+)%\s+(\S+)%\s+(\S+)%"
                                     r"\s+(\d+)\s+(\d+)\s+(.*)$", line).groups()
    one = functions[name]
    seen += 1
    keys = ["first", "second", "similarity", "in_common", "first_only", "second_only"]
    for key, said in zip(keys, percents):
        if key == "in_common" and 0 in (one["first_count"], one["second_count"]):
            continue  # they do not fill it in
        if abs(float(said) - one[key + "_percent"]) > 0.0051:
            wrong += 1
            print(name, key, said, one[key + "_percent"])
sys.exit(wrong > 0 or seen < 2)
END
    done
done
