# From a recording to clang's sample profile: ours is llvm-profgen's from the
# same counts, and clang uses it.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
for tool in clang-22 llvm-profgen-22 llvm-profdata-22; do
    command -v $tool >/dev/null || skip "no $tool"
done

# one NAME COMPILER OPTIONS...: a build, its recording and its profiles
one() {
    name=$1
    shift
    "$@" -O2 -fdebug-info-for-profiling -Wl,--emit-relocs -o "$name" || fail "compiling $name"
    "$record" -q -F 2000 --budget 50 -o "$name.pgoraw" -- "./$name" 10000 >/dev/null ||
        fail "recording $name"
    for format in unsymbolized llvm-text llvm-ext; do
        expect_status 0 "$analyze" convert -b "$name" -f $format -o "$name.$format" "$name.pgoraw"
    done
    expect_status 0 llvm-profgen-22 --unsymbolized-profile="$name.unsymbolized" --use-offset=0 \
        --binary="$name" --format=text --output="$name.theirs"
    for profile in llvm-text llvm-ext theirs; do
        expect_status 0 llvm-profdata-22 merge --sample --text "$name.$profile" \
            -o "$name.$profile.merged"
        [ -s "$name.$profile.merged" ] || fail "$name.$profile is empty"
    done
    diff "$name.llvm-text.merged" "$name.theirs.merged" || fail "$name: not llvm-profgen's profile"
    cmp "$name.llvm-ext.merged" "$name.llvm-text.merged" || fail "$name: llvm-ext is another profile"
    # A wrong base of addresses makes another function the hottest, or none.
    hottest=$(grep -m 1 -o '^[^ :]*' "$name.llvm-text")
    hot_among "$name.pgoraw" "$hottest"

    expect_status 0 "$@" -O2 -fdebug-info-for-profiling -Wl,--emit-relocs \
        -fprofile-sample-use="$name.llvm-text" -o "$name.optimised"
    [ -s err ] && fail "clang says of $name: $(cat err)"
    [ "$("./$name.optimised" 1000)" = "$("./$name" 1000)" ] || fail "$name computes something else"
    objcopy -O binary --only-section=.text "$name" before &&
        objcopy -O binary --only-section=.text "$name.optimised" after || fail "objcopy"
    expect_status 0 "$@" -O2 -fdebug-info-for-profiling -Wl,--emit-relocs \
        -fprofile-sample-use="$name.llvm-ext" -o "$name.optimised"
    [ -s err ] && fail "clang says of $name: $(cat err)"
    objcopy -O binary --only-section=.text "$name.optimised" after.ext || fail "objcopy"
    cmp after after.ext || fail "clang makes other code of $name with llvm-ext"
    cmp -s before after && fail "clang made the same code of $name with a profile"
}

c="clang-22 $sources/kernel.c"
cxx="clang++-22 $sources/shapes.cpp $sources/elsewhere.cpp"
# The words of $c and $cxx are arguments.
one c-fixed $c -gdwarf-4 -fno-pie -no-pie
one c-pie $c -gdwarf-5 -fPIE -pie
one cxx-fixed $cxx -gdwarf-5 -fno-pie -no-pie
one cxx-pie $cxx -gdwarf-4 -fPIE -pie

# Without debug information, and with more than can be read, nothing is written.
expect_status 0 strip --strip-debug -o c-bare c-pie
expect_status 3 "$analyze" convert -b c-bare -f llvm-text -o new c-pie.pgoraw
expect_said "has no debug information of use"
expect_said "-fdebug-info-for-profiling"
expect_status 0 $c -O2 -g -fpseudo-probe-for-profiling -o c-probes
"$record" -q -F 2000 --budget 50 -o c-probes.pgoraw -- ./c-probes 10000 >/dev/null ||
    fail "recording c-probes"
expect_status 3 "$analyze" convert -b c-probes -f llvm-text -o new c-probes.pgoraw
expect_said "use -f unsymbolized and llvm-profgen"
[ -e new ] && fail "a refused conversion left a file"
expect_status 0 "$analyze" convert -b c-probes -f unsymbolized -o probes c-probes.pgoraw
expect_status 0 llvm-profgen-22 --unsymbolized-profile=probes --use-offset=0 --binary=c-probes \
    --format=text --output=probes.theirs
grep -q 'CFGChecksum' probes.theirs || fail "llvm-profgen made no profile by probes"
