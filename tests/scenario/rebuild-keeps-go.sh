# rebuild with go takes nothing away: settings of go env -w, of makefiles and of the build itself stay, a
# checkout is as clean as before, and a program that another profile was used for is not taken for ours.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
command -v go >/dev/null || skip "no go"
export GOCACHE="${GOCACHE:-$(go env GOCACHE)}" GOTOOLCHAIN=local GOENV="$work/settings"
mkdir "$work/m" && cd "$work/m" || exit 1
printf 'module example.org/m\n\ngo 1.21\n' >go.mod
printf '//go:build fancy\n\npackage main\n\nconst kind = "fancy"\n' >fancy.go
printf '//go:build !fancy\n\npackage main\n\nconst kind = "plain"\n' >plain.go
cat >main.go <<'END'
package main

import "fmt"

type worker interface{ work(a uint64) uint64 }
type adder struct{}

func (adder) work(a uint64) uint64 { return a*3 + a>>2 }

//go:noinline
func run(w worker, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		sum += w.work(i)
	}
	return
}

func main() { fmt.Println(run(adder{}, 1000), kind) }
END
expect_status 0 go build -tags=fancy -o tool .
cp tool ../recorded
samples_in tool main.run >../tool.preagg
samples_in tool main.main >../other.preagg
expect_status 0 "$analyze" convert -b tool -f pprof -o ../other.pprof ../other.preagg
rebuild() { # WANTED COMMAND...
    wanted=$1
    shift
    expect_status "$wanted" "$bolt" rebuild --profile-dir ../profiles -p ../tool.preagg -b ../recorded \
        --result tool -- "$@"
}
stays() { ./tool | grep -q fancy || fail "-tags=fancy is lost: $1"; }

rebuild 0 go build -tags=fancy -o tool .
expect_printed "was built with -pgo=$work/profiles/tool-"
# Settings of the user's file, and of a makefile, which are there only as long as GOFLAGS is not set.
echo 'GOFLAGS=-tags=fancy' >"$GOENV"
rebuild 0 go build -o tool .
stays "go env -w"
rm "$GOENV"
printf 'export GOFLAGS ?= -tags=fancy\ntool:\n\tgo build -o tool .\n.PHONY: tool\n' >Makefile
rebuild 1 make -s tool
expect_said "was built without -pgo"
stays "a makefile"
GOFLAGS=-tags=fancy rebuild 0 go build -o tool .
stays "the environment"
# What the recorded program was built with, and this one is not.
rebuild 1 go build -o tool .
expect_said "was built without -tags=fancy, which the recorded program has"
# A profile of somebody else's.
rebuild 1 go build -tags=fancy -pgo=../other.pprof -o tool .
expect_said "was built with another profile"
cp ../other.pprof default.pgo
rebuild 1 go build -tags=fancy -pgo=auto -o tool .
expect_said "was built with another profile"
# What somebody has switched off stays so, and is named.
for own in -pgo=off -tags=fancy\ -pgo=off; do
    GOFLAGS=$own rebuild 1 go build -tags=fancy -o tool .
    expect_said "was built without -pgo"
    expect_said "nor in GOFLAGS"
done
# A release that had the same profile is built with it again.
cp ../profiles/tool-*.pb.gz default.pgo
expect_status 0 go build -tags=fancy -o tool .
cp tool ../profiled
samples_in tool main.run >../profiled.preagg
expect_status 0 "$bolt" rebuild --profile-dir ../profiles -p ../profiled.preagg -b ../profiled --result tool -- \
    go build -tags=fancy -o tool .
expect_printed "was built with -pgo=$work/profiles/tool-"
rm default.pgo

# A vendored module, and the flag for it.
mkdir -p ../vendored/vendor/example.org/run && cd ../vendored || exit 1
printf 'module example.org/m\n\ngo 1.21\n\nrequire example.org/run v1.0.0\n' >go.mod
printf '# example.org/run v1.0.0\n## explicit; go 1.21\nexample.org/run\n' >vendor/modules.txt
sed 's/^package main/package run/; s/func run/func Run/; /^func main/d; /^import/d' ../m/main.go >vendor/example.org/run/run.go
echo 'func Work() uint64 { return Run(adder{}, 1000) }' >>vendor/example.org/run/run.go
printf 'package main\n\nimport "example.org/run"\n\nfunc main() { println(run.Work()) }\n' >main.go
expect_status 0 go build -o tool .
cp tool recorded
samples_in tool example.org/run.Run >tool.preagg
for flags in '' -mod=vendor; do
    GOFLAGS=$flags expect_status 0 "$bolt" rebuild --profile-dir ../profiles -p tool.preagg -b recorded \
        --result tool -- go build -o tool .
    expect_printed "was built with -pgo="
done
cd ../m || exit 1

# Quotes of both kinds in a directory's name.
for name in "it's here" 'a "quoted" one'; do
    mkdir "../$name" && cp go.mod ./*.go "../$name" && cd "../$name" || exit 1
    expect_status 0 "$bolt" rebuild -p ../tool.preagg -b ../recorded --result tool -- go build -tags=fancy -o tool .
    expect_printed "was built with -pgo="
    cd ../m || exit 1
done

# A checkout is as clean afterwards, and the program says so.
if command -v git >/dev/null; then
    mkdir ../checkout && cp go.mod ./*.go ../checkout && cd ../checkout || exit 1
    git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm all || fail "git"
    go build -tags=fancy -o ../tool . && go version -m ../tool | grep -q 'vcs.modified=false' || skip "no stamps"
    for _ in 1 2; do
        expect_status 0 "$bolt" rebuild -p ../tool.preagg -b ../recorded --result ../tool -- \
            go build -tags=fancy -o ../tool .
    done
    go version -m ../tool | grep -q 'vcs.modified=false' || fail "go takes the checkout for changed"
    [ -z "$(git status --porcelain)" ] || fail "git sees a change: $(git status --porcelain)"
fi
# Mercurial's, too: it does not read files of the directory, and passes over other repositories.
if command -v hg >/dev/null; then
    mkdir ../hg && cp ../m/go.mod ../m/*.go ../hg && cd ../hg || exit 1
    hg init . && hg add -q . && hg commit -q -m all -u somebody || fail "hg"
    expect_status 0 "$bolt" rebuild -p ../tool.preagg -b ../recorded --result ../tool -- \
        go build -tags=fancy -o ../tool .
    [ -z "$(hg status)" ] || fail "hg sees a change: $(hg status)"
fi
expect_nothing_left
