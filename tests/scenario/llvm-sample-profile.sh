# From a recording to clang's sample profile: by llvm-profgen from our counts.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
for tool in clang-22 llvm-profgen-22 llvm-profdata-22; do
    command -v $tool >/dev/null || skip "no $tool"
done

# theirs NAME: llvm-profgen's profile, from NAME.unsymbolized
theirs() {
    expect_status 0 llvm-profgen-22 --unsymbolized-profile="$1.unsymbolized" --use-offset=0 \
        --binary="$1" --format=text --output="$1.theirs"
    [ -s "$1.theirs" ] || fail "llvm-profgen made nothing of $1.unsymbolized"
}

# one NAME COMPILER OPTIONS...: a build, its recording and its profile
one() {
    name=$1
    shift
    "$@" -O2 -fdebug-info-for-profiling -Wl,--emit-relocs -o "$name" || fail "compiling $name"
    "$record" -q -F 2000 --budget 50 -o "$name.pgoraw" -- "./$name" 10000 >/dev/null ||
        fail "recording $name"
    expect_status 0 "$analyze" convert -b "$name" -f unsymbolized -o "$name.unsymbolized" \
        "$name.pgoraw"
    theirs "$name"
    # A wrong base makes another function the hottest, or none.
    hottest=$(grep -m 1 -o '^[^ :]*' "$name.theirs")
    hot_among "$name.pgoraw" "$hottest"
    expect_status 0 "$@" -O2 -gdwarf-4 -fdebug-info-for-profiling -Wno-unused-command-line-argument \
        -fprofile-sample-use="$name.theirs" -o "$name.optimised"
    [ "$("./$name.optimised" 1000)" = "$("./$name" 1000)" ] || fail "$name computes something else"
}

one c-fixed clang-22 "$sources/kernel.c" -gdwarf-4 -fno-pie -no-pie
one c-pie clang-22 "$sources/kernel.c" -gdwarf-5 -fPIE -pie
