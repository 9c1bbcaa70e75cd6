# What other people's viewers open: llvm-bolt-heatmap runs on our preagg; folded is what speedscope
# and flamegraph.pl read; pprof is what pprof and the Firefox Profiler read.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" app
recorded app.pgoraw SAMPLES 60 -F 2000 --budget 50 --stacks 1 -- ./app 20000
"$analyze" report --json --limit 1000 app.pgoraw >report.json || fail "report"

# speedscope's importer (src/import/bg-flamegraph.ts): each line a stack, a blank, and a number.
expect_status 0 "$analyze" convert -f folded -o app.folded app.pgoraw
# The Firefox Profiler and pprof: gzip, and in it a profile.proto.
expect_status 0 "$analyze" convert -f pprof -o app.pprof app.pgoraw
python3 - <<'EOF' || fail "folded or pprof is not what viewers read"
import gzip, json, re
samples = json.load(open("report.json"))["samples"]
total = 0
for line in open("app.folded", encoding="utf-8"):
    stack, count = re.fullmatch(r"(.*) (\d+)\n", line).groups()
    assert stack and " " not in stack and all(stack.split(";")), line
    total += int(count)
assert total == samples, (total, samples)

def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at

def fields(data):
    at = 0
    while at < len(data):
        key, at = number(data, at)
        if key & 7 == 0:
            value, at = number(data, at)
            yield key >> 3, value
        else:
            assert key & 7 == 2, key
            size, at = number(data, at)
            yield key >> 3, data[at:at + size]
            at += size

assert open("app.pprof", "rb").read(2) == b"\x1f\x8b"  # viewers tell it by this
profile = list(fields(gzip.open("app.pprof").read()))
kinds = {field for field, _ in profile}
assert {1, 2, 3, 4, 5, 6} <= kinds, kinds
counted = 0
for field, value in profile:
    if field == 2:
        values = [v for f, v in fields(value) if f == 2]
        counted += number(values[0], 0)[0] if isinstance(values[0], bytes) else values[0]
assert counted == samples, (counted, samples)
EOF

heatmap=$(newest llvm-bolt-heatmap)
[ -n "$heatmap" ] || skip "no llvm-bolt-heatmap (the rest passed)"
expect_status 0 "$analyze" convert -b app -f preagg -o app.preagg app.pgoraw
"$heatmap" -pa -p app.preagg -o heat app >heatmap.log 2>&1 || {
    grep -q 'expected B, F or f' heatmap.log && skip "no llvm-bolt-heatmap that reads traces (the rest passed)"
    fail "llvm-bolt-heatmap: $(tail -3 heatmap.log)"
}
[ -s heat ] || fail "no heat map"
