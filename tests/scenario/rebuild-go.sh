# rebuild with go: a recording by perf, or a profile by the program itself, reaches
# go build, and default.pgo is written where that was asked for.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
command -v go >/dev/null || skip "no go"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
export GOFLAGS=-mod=mod GOCACHE="${GOCACHE:-$(go env GOCACHE)}" GOTOOLCHAIN=local
mkdir -p cmd/dispatch
printf 'module example.com/tools\n\ngo 1.21\n' >go.mod
cp "$sources/dispatch.go" cmd/dispatch/main.go
expect_status 0 go build -o dispatch ./cmd/dispatch
cp dispatch plain
# What Go makes is not for BOLT, and not faulty for that; what its own profiles need is looked at.
LLVM_BOLT=$work/nosuch expect_status 0 "$bolt" doctor ./plain
expect_printed "go can rebuild it by a profile of it."
expect_status 0 go build -ldflags=-s -o bare ./cmd/dispatch
expect_status 1 "$bolt" doctor ./bare
expect_printed "go cannot rebuild it"
command -v perf >/dev/null || skip "no perf, which records static programs"
perf record -q -e cpu-clock -F 2000 -g -o perf.data ./dispatch 40000000 >/dev/null 2>&1 ||
    skip "perf does not record here"

used() {
    expect_printed "was built with -pgo=$work/.pgo/dispatch-"
    [ "$(./dispatch 1000 2>&1)" = "$(./plain 1000 2>&1)" ] || fail "dispatch computes something else"
}
expect_status 0 "$bolt" rebuild --force -p perf.data -- go build -o dispatch ./cmd/dispatch
used
objcopy -O binary --only-section=.text plain before && objcopy -O binary --only-section=.text dispatch after
cmp -s before after && fail "go makes the same code with a profile"
# Once more, though what was recorded has been built over.
expect_status 0 "$bolt" rebuild --force -p perf.data -- go build -o dispatch ./cmd/dispatch
used

# A profile in Go's own format, of which nothing tells the binary.
"$analyze" convert -b plain -f pprof -o own.pprof perf.data || fail "converting"
expect_status 0 "$bolt" rebuild -p own.pprof --binary dispatch -- go build -o dispatch ./cmd/dispatch
used
expect_status 2 "$bolt" rebuild -p own.pprof --dry-run
expect_status 1 "$bolt" rebuild -p own.pprof --binary dispatch -- \
    go build -pgo=off -o dispatch ./cmd/dispatch
expect_said "was built without -pgo"
expect_status 0 "$bolt" rebuild -p own.pprof --binary dispatch --dry-run
expect_printed "export GOFLAGS='-pgo=$work/.pgo/dispatch-"
expect_printed " -mod=mod'"

# As default.pgo, but never over somebody's own.
expect_status 0 "$bolt" rebuild -p own.pprof --binary dispatch --default-pgo -- \
    go build -o dispatch ./cmd/dispatch
cmp own.pprof cmd/dispatch/default.pgo || fail "default.pgo is not the profile"
expect_status 0 "$bolt" rebuild -p own.pprof --binary dispatch --default-pgo --dry-run
echo own >cmd/dispatch/default.pgo
expect_status 3 "$bolt" rebuild -p own.pprof --binary dispatch --default-pgo --dry-run
expect_said "already exists"
expect_status 0 "$bolt" rebuild -p own.pprof --binary dispatch --default-pgo --force --dry-run
rm cmd/dispatch/default.pgo

# Nothing in the profile: said, and built all the same where that was asked for.
perf record -q -e cpu-clock -F 1 -g -o empty.data ./plain 1 >/dev/null 2>&1
expect_status 1 "$bolt" rebuild -p empty.data --binary plain -- go build -o dispatch ./cmd/dispatch
expect_status 0 "$bolt" rebuild -p empty.data --binary plain --result dispatch --allow-empty -- \
    go build -o dispatch ./cmd/dispatch
expect_said "it is built without one"
expect_nothing_left
