# The profile of a coroutine has the name that clang looks for, by probes and by lines: clang
# takes a coroutine apart after it has read the profile.
. "$(dirname "$0")/../support/scenario.sh"
clang=clang++-22
command -v "$clang" >/dev/null || skip "no $clang"
source=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)/coroutine.cpp
cd "$work" || exit 1

options="-std=c++20 -O2 -g -fdebug-info-for-profiling"
for kind in lines probes; do
    [ $kind = lines ] || options="$options -fpseudo-probe-for-profiling"
    "$clang" $options -o app "$source" 2>log || skip "no coroutines: $(head -1 log)"
    recorded $kind.pgoraw BRANCHES 2000 -F 4000 --budget 50 -- ./app 20000000
    expect_status 0 "$analyze" convert -b app -f llvm-text -o $kind.prof $kind.pgoraw
    grep -q '\.resume\|\.destroy\|\.cleanup' $kind.prof && fail "$kind: names of parts: $(cat $kind.prof)"
    total=$(sed -n 's/^_Z4walkj:\([0-9]*\):.*/\1/p' $kind.prof)
    [ "${total:-0}" -gt 0 ] || fail "$kind: walk has no counts: $(cat $kind.prof)"
    "$clang" $options -fprofile-sample-use=$kind.prof -Rpass-analysis=sample-profile -c -o app.o \
        "$source" 2>remarks || fail "compiling: $(cat remarks)"
    first=$(grep -n 'numbers walk(' "$source" | cut -d: -f1)
    awk -F: -v first="$first" '/Applied [1-9]/ && $2 >= first && $2 < first + 11 { found = 1 }
        END { exit !found }' remarks || fail "$kind: clang used no count of walk: $(cat remarks)"
done
