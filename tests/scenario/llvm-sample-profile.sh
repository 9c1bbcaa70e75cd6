# From a recording to clang's sample profile: ours is llvm-profgen's from the
# same counts, and clang uses it.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
for tool in clang-22 llvm-profgen-22 llvm-profdata-22; do
    command -v $tool >/dev/null || skip "no $tool"
done

# one NAME ROUNDS COMPILER OPTIONS...: a build, its recording over ROUNDS rounds, its profiles
one() {
    name=$1 rounds=$2
    shift 2
    "$@" -O2 -fdebug-info-for-profiling -Wl,--emit-relocs -o "$name" || fail "compiling $name"
    recorded "$name.pgoraw" SAMPLES 400 -F 2000 --budget 50 -- "./$name" "$rounds"
    for format in unsymbolized llvm-text llvm-ext llvm-ext-md5; do
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
    hot_functions "$name.pgoraw" "$name" | grep -qx "$hottest" || fail "$name: $hottest is not hot"

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
one c-fixed 10000 $c -gdwarf-5 -fno-pie -no-pie
one cxx-pie 500000 $cxx -gdwarf-4 -fPIE -pie

# By probes, which need no debug information; clang says how much of it is stale.
fresh() {
    expect_status 0 "$@" -mllvm -report-profile-staleness -o "$name.optimised"
    grep -q '^(0/[1-9][0-9]*) of functions. profile are invalid' err ||
        fail "clang finds no function of $name: $(cat err)"
    grep 'mismatch' err | grep -v '(0/[0-9]*) of samples are discarded' &&
        fail "clang discards samples of $name"
}
# With hashes, clang can inline otherwise; whoever wrote them, it does the same.
hashed() {
    expect_status 0 llvm-profgen-22 --unsymbolized-profile="$name.unsymbolized" --use-offset=0 \
        --binary="$name" --format=extbinary --use-md5 --output="$name.theirs-md5"
    for profile in llvm-ext-md5 theirs-md5; do
        expect_status 0 "$@" -fprofile-sample-use="$name.$profile" -o "$name.optimised"
        objcopy -O binary --only-section=.text "$name.optimised" "after.$profile" || fail "objcopy"
    done
    cmp after.llvm-ext-md5 after.theirs-md5 ||
        fail "clang makes other code of $name with llvm-ext-md5 than with llvm-profgen's"
}
probes=-fpseudo-probe-for-profiling
one c-probes 10000 $c $probes -gdwarf-4 -fno-pie -no-pie
fresh $c $probes -O2 -g -fprofile-sample-use=c-probes.llvm-text
one cxx-probes 500000 $cxx $probes -fPIE -pie
grep -q '!CFGChecksum: ' cxx-probes.llvm-text || fail "no profile by probes"
llvm-profdata-22 show --sample --show-sec-info-only cxx-probes.llvm-ext |
    grep -q 'FunctionMetadata.*probe' || fail "llvm-ext does not say that it is by probes"
hashed $cxx $probes -O2 -fPIE -pie
[ $((3 * $(stat -c %s cxx-probes.llvm-ext-md5))) -lt \
    $((2 * $(stat -c %s cxx-probes.llvm-ext))) ] || fail "hashes for long names save too little"
fresh $cxx $probes -O2 -fPIE -pie -fprofile-sample-use=cxx-probes.llvm-ext
sed 's/!CFGChecksum: /&1/' cxx-probes.llvm-text >stale
expect_status 0 $cxx $probes -O2 -fprofile-sample-use=stale -mllvm -report-profile-staleness -o new
grep -q '(0/[0-9]*) of samples are discarded due to function hash' err &&
    fail "clang does not look at checksums"
rm new

# Another build under the same name, and nothing in it to tell: no format gets its addresses.
expect_status 0 $c -O2 -g -Wl,--build-id=none -o rebuilt
"$record" -q -F 2000 --budget 50 -o rebuilt.pgoraw -- ./rebuilt 10000 >/dev/null ||
    fail "recording rebuilt"
expect_status 0 "$analyze" convert -b rebuilt -f llvm-text -o new rebuilt.pgoraw
grep ' odd:[0-9]' new | grep -q ' even:[0-9]' ||
    fail "the targets of an indirect call are not there: $(cat new)"
rm new
expect_status 0 $c -O0 -g -Wl,--build-id=none -o rebuilt
for format in llvm-text unsymbolized fdata preagg; do
    expect_status 3 "$analyze" convert -b rebuilt -f $format -o new rebuilt.pgoraw
    expect_said "is not the binary that the profile is of"
done

# Without debug information and probes, or with probes but no symbols, nothing is written.
expect_status 0 strip --strip-all -o c-bare c-probes
expect_status 3 "$analyze" convert -b c-bare -f llvm-text -o new c-probes.pgoraw
expect_said "stripped"
expect_status 0 strip --strip-debug -o c-bare c-fixed
expect_status 3 "$analyze" convert -b c-bare -f llvm-text -o new c-fixed.pgoraw
expect_said "has no debug information of use"
expect_said "-fdebug-info-for-profiling"
[ ! -e new ] || fail "a refused conversion left a file"
