# report: what people see first, callers and callees, widths, orders, JSON.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" app
recorded app.pgoraw SAMPLES 30 -F 2000 --budget 50 --stacks 1 -- ./app 20000

expect_status 0 "$analyze" report app.pgoraw
for words in "of CPU time in" "quality " "self  *total" "branchy.c:"; do
    grep -q "$words" out || fail "not said: $words: $(cat out)"
done
awk '$3 == "classify" && $4 == "app"' out | grep -q . || fail "function and module are not third and fourth: $(cat out)"
"$analyze" convert -f preagg -b app -o app.preagg app.pgoraw || fail "preagg"
"$analyze" report -b app app.preagg | grep -q "^ *self *samples *function *module" ||
    fail "without call stacks the function is not third"
grep -q "^sampler" out && fail "how it was recorded is said without -v"
expect_status 0 "$analyze" report -v app.pgoraw
for words in "^sampler" "^branches" "^command"; do
    grep -q "$words" out || fail "not said with -v: $words"
done

# Nothing is wider than the terminal.
for width in 40 60 80; do
    COLUMNS=$width expect_status 0 "$analyze" report -v app.pgoraw
    python3 -c 'import sys; sys.exit(max(map(len, open("out").read().split("\n"))) > int(sys.argv[1]))' $width ||
        fail "wider than $width: $(cat out)"
done

expect_status 0 "$analyze" report --callers classify app.pgoraw
sed -n '/^Callers/,/^Callees/p' out | grep -q " work .*branchy.c" || fail "no caller: $(cat out)"
expect_status 0 "$analyze" report --callers work app.pgoraw
sed -n '/^Callees/,$p' out | grep -q " classify " || fail "no callee: $(cat out)"
expect_status 1 "$analyze" report --callers frobnicate app.pgoraw
expect_said "the hottest: classify"
expect_status 2 "$analyze" report --sort totl app.pgoraw
expect_said "did you mean 'total'"

expect_status 0 "$analyze" report --sort name --limit 2 app.pgoraw
[ "$(sed -n '/^Hottest functions/,/^$/p' out | grep -c '%.*%')" -eq 2 ] || fail "--limit 2: $(cat out)"

"$analyze" report --json --callers work app.pgoraw >report.json || fail "--json"
"$analyze" show --json app.pgoraw >show.json || fail "show"
python3 - <<'EOF' || fail "report --json is not what docs/json.md says"
import json
report = json.load(open("report.json"))
assert report["version"] == 1
assert report["samples"] == json.load(open("show.json"))["samples"]
assert report["quality"]["verdict"] in ("ok", "weak", "fail")
functions = {f["name"]: f for f in report["functions"]}
work, classify = functions["work"], functions["classify"]
assert sum(f["samples"] for f in report["functions"]) <= report["samples"]
assert work["total_samples"] >= classify["total_samples"], (work, classify)
assert classify["file"].endswith("branchy.c") and classify["line"] > 0
assert report["focus"]["name"] == "work"
callee = next(f for f in report["focus"]["callees"] if f["name"] == "classify")
assert callee["call_samples"] == classify["total_samples"], callee
EOF
for verb in "check -b app" "diff app.pgoraw" "diff -v app.pgoraw" "overlap app.pgoraw"; do
    # shellcheck disable=SC2086 # a verb and its arguments
    "$analyze" $verb --json app.pgoraw >"$(echo "$verb" | tr -c 'a-z\n' _).json"
done
json_is_documented ./*.json

# What a function had with all that it called is not less than what it had alone, though few samples have
# a call stack; and of a module alone, all shares are of what is in it.
recorded few.pgoraw SAMPLES 30 -F 2000 --budget 50 --stacks 7 -- ./app 20000
for options in "" "--module app"; do
    # shellcheck disable=SC2086 # two words
    "$analyze" report --json --limit 1000 $options few.pgoraw >few.json || fail "report $options"
    python3 - <<'EOF' || fail "shares of report $options: $(cat few.json)"
import json
report = json.load(open("few.json"))
assert any(f["name"] == "classify" for f in report["functions"])
for function in report["functions"]:
    assert 0 <= function["self_percent"] <= function["total_percent"] <= 100.001, function
    assert function["samples"] <= function["total_samples"] <= report["samples"], function
EOF
done
expect_status 2 "$analyze" report --html page.html --module app few.pgoraw

# Several processes: which had how much.
"$record" -q -F 2000 --budget 50 -o 'each.%p.pgoraw' -- ./app 20000 >/dev/null || fail "recording"
expect_status 0 "$analyze" report app.pgoraw each.*.pgoraw
grep -q "^Recordings, by time" out || fail "no list of recordings: $(cat out)"
