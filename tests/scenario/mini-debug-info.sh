# A stripped program that brings its symbols along as Fedora and RHEL ship theirs, in
# .gnu_debugdata: its functions have names in reports.
. "$(dirname "$0")/../support/scenario.sh"
source=$(cd "$(dirname "$0")/../programs" && pwd)/branchy.c
cd "$work" || exit 1
for tool in gcc objcopy strip nm xz; do
    command -v $tool >/dev/null || skip "no $tool"
done

gcc -O2 -g -Wl,--build-id -o whole "$source" || fail "compiling"
# Functions alone, without those that .dynsym has (gdb's manual, MiniDebugInfo).
nm -D whole --format=posix --defined-only | awk '{ print $1 }' | sort >dynamic
nm whole --format=posix --defined-only | awk '$2 == "T" || $2 == "t" { print $1 }' | sort >all
comm -13 dynamic all >kept
objcopy --only-keep-debug whole debug &&
    objcopy -S --remove-section .comment --keep-symbols=kept debug mini &&
    strip --strip-all -o app whole && xz mini && objcopy --add-section .gnu_debugdata=mini.xz app ||
    fail "making the program"
nm app 2>/dev/null | grep -q classify && fail "it is not stripped"
recorded app.pgoraw SAMPLES 30 -F 2000 --budget 50 -- ./app 20000
hot_functions app.pgoraw app >hot
grep -q classify hot || fail "no names: $(cat hot)"
for format in folded pprof json; do
    expect_status 0 "$analyze" convert -f $format -o app.$format app.pgoraw
done
grep -q 'classify' app.folded || fail "folded: $(head app.folded)"
# fdata wants all symbols: llvm-bolt would not know these.
expect_status 3 "$analyze" convert -b app -f fdata app.pgoraw

# What cannot be unpacked is as if it was not there.
printf 'not xz' >garbage
strip --strip-all -o broken whole && objcopy --add-section .gnu_debugdata=garbage broken || fail "objcopy"
cp broken app
expect_status 0 "$analyze" report app.pgoraw
