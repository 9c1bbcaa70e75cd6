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

# Views of each language, on paper and in its own pages.
pages="top source peek disasm flamegraph"
views_of() { # PROGRAM PATTERN NUMBER-OF-TURNS
    recorded "$1.pgoraw" SAMPLES 100 -F 2000 --budget 50 --stacks 1 -- "./$1" "$3"
    expect_status 0 "$analyze" convert --force -f pprof -o "$1.pb.gz" "$1.pgoraw"
    for view in list peek disasm; do
        go tool pprof -$view "$2" "$1.pb.gz" >view 2>log || fail "$1: $view: $(cat log)"
        grep -q "$2" view || fail "$1: $view: $(cat view)"
    done
    : >served
    go tool pprof -http=localhost: -no_browser "$1.pb.gz" >served 2>&1 &
    server=$!
    for _ in $(seq 3000); do
        grep -q 'Serving web UI on' served && break
        sleep 0.2
    done
    python3 - "$(sed -n 's/^Serving web UI on //p' served)" "$2" $pages >pages 2>&1 <<'END' || failed=yes
import sys, urllib.parse, urllib.request
for view in sys.argv[3:]:
    where = "%s/ui/%s?f=%s" % (sys.argv[1].rstrip("/"), view, urllib.parse.quote(sys.argv[2]))
    page = urllib.request.urlopen(where, timeout=600).read().decode()
    assert sys.argv[2] in page, (where, page[:2000])
END
    kill $(ps -o pid= --ppid $server) $server
    wait $server 2>/dev/null
    [ -z "${failed:-}" ] || fail "$1: the pages of pprof: $(cat served pages)"
}
if command -v g++ >/dev/null; then
    g++ -O2 -g -o shapes "$sources/sample-profile/shapes.cpp" "$sources/sample-profile/elsewhere.cpp" || fail "g++"
    views_of shapes scale_elsewhere 3000000
fi
if command -v rustc >/dev/null && rustc -O -g -o words "$sources/sample-profile/words.rs" 2>log; then
    # Sources of Rust are in -list; pprof's page of them stays empty.
    pages="top peek disasm flamegraph"
    views_of words measure 300000
    pages="$pages source"
fi
mkdir hashes && cat >hashes/main.go <<'END'
package main

import "fmt"

//go:noinline
func mixed(x uint64) uint64 {
	for i := 0; i < 64; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

func main() {
	x := uint64(1)
	for i := 0; i < 3000000; i++ {
		x = mixed(x)
	}
	fmt.Println(x)
}
END
if (cd hashes && GOFLAGS=-mod=mod GO111MODULE=off go build -o ../mixing main.go 2>../log); then
    views_of mixing mixed 1
fi

# The samples of pprof and of the folded stacks are the same, and all there are.
"$analyze" convert -f folded app.pgoraw | awk '{ sum += $NF } END { print sum }' >folded
go tool pprof -symbolize=none -raw app.pb.gz 2>/dev/null |
    sed -n '/^Samples:/,/^Locations/p' | awk '$1 ~ /^[0-9]+$/ { sum += $1 } END { print sum }' >ours
cmp folded ours || fail "$(cat ours) samples, folded has $(cat folded)"
counter app.pgoraw SAMPLES | cmp - ours || fail "$(cat ours) of $(counter app.pgoraw SAMPLES) samples"
exit 0
