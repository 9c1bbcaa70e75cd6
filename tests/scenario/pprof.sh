# pprof files, read by Go's own pprof: every sample is there, and the callers.
. "$(dirname "$0")/../support/scenario.sh"
command -v go >/dev/null || skip "go is not installed"
cd "$work" || exit 1
export PPROF_TMPDIR="$work"
go tool pprof -h >/dev/null 2>log || grep -q usage log || skip "go tool pprof does not run"

cp "$fixtures/branchy" app
recorded app.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./app 20000
expect_status 0 "$analyze" convert -f pprof -o app.pb.gz app.pgoraw
"$analyze" convert -f pprof app.pgoraw | cmp - app.pb.gz || fail "pprof differs from itself"
go tool pprof -symbolize=none -sample_index=samples -top app.pb.gz >top 2>log ||
    fail "pprof: $(cat log)"
sed -n '/flat%/,$p' top | sed -n 2p | grep -q " classify$" || fail "classify: $(cat top)"
build_id=$("$analyze" show --json app.pgoraw | python3 -c '
import json, sys
print(next(m["build_id"] for m in json.load(sys.stdin)["modules"] if m["path"].endswith("/app")))')
grep -q "$build_id" top || go tool pprof -symbolize=none -raw app.pb.gz 2>/dev/null |
    grep -q "$build_id" || fail "no build-id $build_id"

# Its debug information gives lines, and where functions begin.
source=$(dirname "$0")/../programs/branchy.c
cd - >/dev/null && line=$(grep -n '\bclassify(.*' "$source" | head -1 | cut -d: -f1) && cd "$work"
go tool pprof -symbolize=none -raw app.pb.gz 2>/dev/null | grep -q " classify [^ ]*branchy.c:[0-9]*:0 s=$line\$" ||
    fail "no line of classify, which begins at $line"

# It is the program's, and the recorder's objects, which a sample may have met, are no more than
# libraries; its source and its code are shown.
grep -q '^File: app$' top || fail "the program is not app: $(head -3 top)"
go tool pprof -symbolize=none -raw app.pb.gz 2>/dev/null | sed -n '/^Mappings/,$p' >mappings
sed -n 2p mappings | grep -q '/app ' || fail "the first mapping is not the program: $(cat mappings)"
for view in list peek disasm; do
    go tool pprof -$view classify app.pb.gz >view 2>log || fail "$view: $(cat log)"
    grep -q classify view || fail "$view: $(cat view)"
done
grep '^Time: ' top >/dev/null && grep -q '^Duration: ' top || fail "no time: $(head -5 top)"

# Of clang as well, whose functions are in file 0, and with pseudo-probes.
sources=$(cd - >/dev/null && cd "$(dirname "$0")/../programs" && pwd)
for options in -gdwarf-5 "-gdwarf-5 -fpseudo-probe-for-profiling" "-gdwarf-4 -fpseudo-probe-for-profiling"; do
    command -v clang-22 >/dev/null && clang-22 -O2 $options -o clang-app "$sources/branchy.c" 2>log || break
    recorded clang.pgoraw SAMPLES 200 -F 2000 --budget 50 --stacks 1 -- ./clang-app 20000
    expect_status 0 "$analyze" convert --force -f pprof -o clang.pb.gz clang.pgoraw
    go tool pprof -symbolize=none -raw clang.pb.gz 2>/dev/null | grep -q " [^ ]*classify[^ ]* $sources/branchy.c:[0-9]*:0 " ||
        fail "clang $options: no source of classify"
done

# The samples of pprof and of the folded stacks are the same, and all there are.
"$analyze" convert -f folded app.pgoraw | awk '{ sum += $NF } END { print sum }' >folded
go tool pprof -symbolize=none -raw app.pb.gz 2>/dev/null |
    sed -n '/^Samples:/,/^Locations/p' | awk '$1 ~ /^[0-9]+$/ { sum += $1 } END { print sum }' >ours
cmp folded ours || fail "$(cat ours) samples, folded has $(cat folded)"
counter app.pgoraw SAMPLES | cmp - ours || fail "$(cat ours) of $(counter app.pgoraw SAMPLES) samples"
exit 0
