# A stripped binary with its debug file gives what the unstripped one gives, byte
# for byte; a debug file of another build is refused.
. "$(dirname "$0")/../support/scenario.sh"
source=$(cd "$(dirname "$0")/../programs" && pwd)/branchy.c
cd "$work" || exit 1
for tool in objcopy strip readelf gcc; do
    command -v $tool >/dev/null || skip "no $tool"
done

# Relocations that stay for BOLT are sections that strip takes away: numbers of sections differ.
gcc -O2 -g -Wl,--build-id,--emit-relocs -o whole "$source" || fail "compiling"
gcc -O1 -g -Wl,--build-id -o other "$source" || fail "compiling the other"
mkdir recorded
objcopy --only-keep-debug whole app.debug && strip -o recorded/app whole || fail "strip"
readelf -SW recorded/app | grep -q '\.symtab\|\.debug_info' && fail "it is not stripped"
recorded app.pgoraw SAMPLES 300 -F 2000 --budget 50 -- recorded/app 20000

formats='fdata llvm-text llvm-ext gcov pprof folded order json'
# The whole one where the stripped one was recorded: pprof and report look there.
cp recorded/app stripped
cp whole recorded/app
"$analyze" report app.pgoraw >whole.report || fail "report"
grep -q classify whole.report || fail "classify: $(cat whole.report)"
for format in $formats; do
    expect_status 0 "$analyze" convert -b whole -f $format -o whole.$format app.pgoraw
    [ -s whole.$format ] || fail "$format is empty"
done
for format in fdata llvm-text; do
    grep -q classify whole.$format || fail "no classify in $format: $(head -n 3 whole.$format)"
done
cp stripped recorded/app

# same NAME OPTIONS...: all formats of the stripped binary, given those options
same() {
    name=$1
    shift
    for format in $formats; do
        expect_status 0 "$analyze" convert -b recorded/app "$@" -f $format --force \
            -o stripped.$format app.pgoraw
        cmp whole.$format stripped.$format || fail "$format by $name"
    done
}

expect_status 3 "$analyze" convert -b recorded/app -f fdata app.pgoraw
expect_said "--debug-file"
same --debug-file --debug-file app.debug
same "the unstripped build" --debug-file whole

build_id=$(readelf -n whole | sed -n 's/.*Build ID: //p')
other_id=$(readelf -n other | sed -n 's/.*Build ID: //p')
rest=${build_id#??}
directory=debug/${build_id%"$rest"}
mkdir -p "$directory"
cp app.debug "$directory/$rest.debug"
same --debug-dir --debug-dir debug
expect_status 0 "$analyze" report --debug-dir debug app.pgoraw
cmp out whole.report || fail "report by --debug-dir"

objcopy --add-gnu-debuglink=app.debug recorded/app || fail "debuglink"
expect_status 3 "$analyze" convert -b recorded/app -f fdata app.pgoraw
mkdir recorded/.debug
cp app.debug recorded/.debug/
same .debug
mv recorded/.debug/app.debug recorded/
same .gnu_debuglink
expect_status 0 "$analyze" report app.pgoraw
cmp out whole.report || fail "report by .gnu_debuglink"

# Of another build: found, it is passed over; given, it is refused with both build-ids.
cp other recorded/app.debug
expect_status 3 "$analyze" convert -b recorded/app -f fdata app.pgoraw
expect_status 3 "$analyze" convert -b recorded/app --debug-file other -f fdata app.pgoraw
expect_said "$build_id"
expect_said "$other_id"
expect_status 3 "$analyze" convert -b recorded/app --debug-file stripped -f fdata app.pgoraw
expect_said "no symbol table"
exit 0
