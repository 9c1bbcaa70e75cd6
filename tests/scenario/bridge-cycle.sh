# cycle: the whole way on a small program, and every reason not to hand over.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
page_check=$(cd "$(dirname "$0")/../support" && pwd)/page_check.py
cd "$work" || exit 1
[ -n "$(real_bolts)" ] || skip "no llvm-bolt-16 to -22 is installed"
cp "$fixtures/branchy" program
before=$(sha256sum program)
expected=$(./program 2000)
untouched() {
    [ "$(sha256sum program)" = "$before" ] || fail "the original was touched"
    expect_nothing_left
}

# Whether this program gains depends on the machine: both ends are right, if they say so.
"$bolt" cycle program -n 6 -F 2000 --budget 50 --keep kept --html page.html -- 20000 >out 2>err
status=$?
cat out err
case $status in
0)
    expect_printed "program.bolt: made"
    [ "$(./program.bolt 2000)" = "$expected" ] || fail "the new binary computes something else"
    ;;
1)
    expect_printed "program.bolt: not made, it is" # slower, or not faster
    [ ! -e program.bolt ] || fail "a rejected binary was handed over"
    [ "$(kept/program.bolt.rejected 2000)" = "$expected" ] || fail "the rejected one is not kept"
    ;;
*) fail "status $status" ;;
esac
expect_printed "overhead: CPU time"
python3 "$page_check" hostile page.html "program.bolt" "A/A, the program against itself" || fail "the page"
expect_printed "functions have a profile"
for file in kept/recording-*.pgoraw kept/profile.fdata kept/llvm-bolt.out kept/llvm-bolt.err; do
    [ -s "$file" ] || [ "$file" = kept/llvm-bolt.err ] || fail "--keep lost $file"
done
untouched
rm -rf kept program.bolt

# A BOLT whose output behaves differently, or does 20 times the work: refused, with the reason.
cat >liar <<'END'
#!/bin/sh
case $1 in
--version) echo "LLVM version 99.0.1"; exit 0 ;;
--help) echo "    =cdsort"; exit 0 ;;
esac
while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done
cat >"$output" <<'SCRIPT'
#!/bin/sh
BODY
SCRIPT
END
chmod +x liar
sed 's|^BODY|echo something else|' liar >different && chmod +x different
expect_status 1 "$bolt" cycle program -n 6 --iterations 1 -F 1000 --budget 50 --bolt "$work/different" -- 20000
expect_printed "not made, it behaves differently"
[ ! -e program.bolt ] || fail "a binary that behaves differently was handed over"
untouched
sed "s|^BODY|$work/program 200000 >/dev/null; exec $work/program 10000|" liar >slow && chmod +x slow
expect_status 1 "$bolt" cycle program -n 6 --iterations 1 -F 1000 --budget 50 --bolt "$work/slow" --json -- 10000
json_is_documented out
python3 -c '
import json
report = json.load(open("out"))
assert report["accepted"] is False and report["reason"] == "it is slower"
assert report["comparison"]["verdict"] == "slower"
assert report["recording"]["own_samples"] > 0 and report["recording"]["own_branches"] > 0
assert report["overhead"]["cpu"]["b_over_a"]["ratio"] > 0' || fail "JSON: $(cat out)"
[ ! -e program.bolt ] || fail "a slower binary was handed over"
sed 's|^BODY|kill -SEGV $$|' liar >crashing && chmod +x crashing
expect_status 1 "$bolt" cycle program -n 6 --iterations 1 -F 1000 --budget 50 --bolt "$work/crashing" -- 20000
expect_printed "it behaves differently"
untouched

# No samples, no recorder, no llvm-bolt, a workload that cannot be compared.
printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n' >no-record
chmod +x no-record
PGO_RECORD=$work/no-record expect_status 1 "$bolt" cycle program -n 6 --iterations 1 -- 10
expect_said "has no samples: no recording was written"
# A recording in which the program itself does not occur: that of a shell.
"$record" -q -F 2000 --budget 50 -o shell.pgoraw -- sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done' ||
    fail "recording"
cat >records-another <<END
#!/bin/sh
while [ "\$1" != -- ]; do
    [ "\$1" = -o ] && pattern=\$2
    shift
done
shift
cp $work/shell.pgoraw "\$(echo "\$pattern" | sed "s/%p/\$\$/")"
exec "\$@"
END
chmod +x records-another
PGO_RECORD=$work/records-another expect_status 1 "$bolt" cycle program -n 6 --iterations 1 -- 10
expect_said "has no samples: all its samples are in its libraries"
PGO_RECORD=$work/nosuch expect_status 3 "$bolt" cycle program -- 10
expect_said "nosuch was not found"
LLVM_BOLT=$work/nosuch expect_status 3 "$bolt" cycle program -- 10
expect_said "nosuch was not found"
gcc -Wl,--emit-relocs -x c -o clock - <<'END'
#include <stdio.h>
#include <time.h>
int main(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return printf("%ld\n", now.tv_nsec) < 0;
}
END
expect_status 1 "$bolt" cycle ./clock --iterations 1
expect_said "not the same from run to run"
if gcc -static -Wl,--emit-relocs -O1 -o static "$(dirname "$build")/tests/programs/branchy.c" \
    2>/dev/null; then
    # It is sampled from outside, where the system lets us.
    if "$bolt" cycle ./static --profile-only --iterations 1 -F 1000 --budget 50 -- 20000 >out 2>err; then
        expect_printed "merge plain: 2 recordings"
    else
        expect_said "may not be sampled"
    fi
fi
expect_status 3 "$bolt" cycle ./nosuch
expect_said "was not found"
expect_status 3 "$bolt" cycle program --html page.html -- 10
expect_said "page.html already exists"
expect_status 3 "$bolt" cycle program --html nowhere/page.html -- 10
expect_said "nowhere/page.html"
expect_status 2 "$bolt" cycle program --html program --force -- 10
expect_said "never overwritten"
expect_status 2 "$bolt" cycle program --html - -- 10
echo taken >program.bolt
expect_status 3 "$bolt" cycle program -- 10
expect_said "already exists"
expect_status 2 "$bolt" cycle program -o program --force -- 10
expect_said "never overwritten"
untouched
