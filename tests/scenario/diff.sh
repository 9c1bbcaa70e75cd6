#!/bin/sh
# diff: what changed its share, the largest change first, and what may be chance.
. "$(dirname "$0")/../support/scenario.sh" "$1"
cd "$work" || exit 1

# By symbol: a goes from 50 % to 20 %, b from 50 % to 80 %; c, of 3 counts, could be chance.
printf '1 a 1 1 a 2 0 50000\n1 b 1 1 b 2 0 49997\n1 c 1 1 c 2 0 3\n' >one.fdata
printf '1 a 1 1 a 2 0 2000\n1 b 1 1 b 4 0 8000\n' >two.fdata
expect_status 0 "$analyze" diff --json -v one.fdata two.fdata
python3 - out <<'END' || fail "diff by symbol: $(cat out)"
import json, math, sys
found = json.load(open(sys.argv[1]))
functions = {one["name"]: one for one in found["functions"]}
assert [one["name"] for one in found["functions"]] == ["b", "a", "c"], found
assert abs(functions["a"]["first_percent"] - 50) < 1e-9
assert abs(functions["a"]["second_percent"] - 20) < 1e-9
# 32 edges to a sample: 3125 samples and 312.5.
n, m, p, q = 100000 / 32, 10000 / 32, 0.5, 0.2
pooled = (p * n + q * m) / (n + m)
z = (q - p) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
assert abs(functions["a"]["standard_errors"] - z) < 1e-6, (functions["a"], z)
assert not functions["a"]["may_be_chance"] and functions["c"]["may_be_chance"], found
places = {one["name"]: one for one in found["places"]}
assert places["b+0x1 -> b+0x2"]["second_count"] == 0, found
assert places["b+0x1 -> b+0x4"]["first_count"] == 0, found
END
expect_status 0 "$analyze" diff one.fdata two.fdata
grep -q '^ *50.00%  *20.00%  *-30.00%   a$' out || fail "a: $(cat out)"
grep -q '~ c$' out || fail "c is not marked: $(cat out)"
expect_status 0 "$analyze" diff one.fdata one.fdata
grep -q 'nothing differs' out || fail "a profile differs from itself"

# By source line, inlined places by who they are inlined into.
printf 'f:9:1\n 1: 600\n 2: g:4\n  7.3: 400\n' >one.prof
printf 'f:9:1\n 1: 100\n 2: g:4\n  7.3: 900\n' >two.prof
expect_status 0 "$analyze" diff -v --json one.prof two.prof
python3 - out <<'END' || fail "diff by line: $(cat out)"
import json, sys
found = json.load(open(sys.argv[1]))
assert [one["name"] for one in found["places"]] == ["f:1", "f:2 @ g:7.3"], found
assert found["functions"][0]["first_percent"] == 100, found
END
: >empty.fdata
expect_status 3 "$analyze" diff one.fdata empty.fdata
expect_status 2 "$analyze" diff one.fdata one.prof

# Two recordings of the same work: what differs is chance; of other work, it is not.
"$record" -F 1000 -o one.pgoraw -- "$fixtures/branchy" 10000 >/dev/null 2>&1 &&
    "$record" -F 1000 -o two.pgoraw -- "$fixtures/branchy" 10000 >/dev/null 2>&1 &&
    "$record" -F 1000 -o spin.pgoraw -- "$fixtures/spin" >/dev/null 2>&1 || skip "nothing recorded"
expect_status 0 "$analyze" diff one.pgoraw two.pgoraw
expect_status 0 "$analyze" diff --json --top 1 one.pgoraw spin.pgoraw
grep -q '"may_be_chance": false' out || fail "another program, and it may be chance: $(cat out)"
