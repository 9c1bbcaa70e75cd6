# From a raw profile to a relinked binary; profiles of other builds and of
# other programs are refused.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
[ -n "$(real_bolts)" ] || skip "no llvm-bolt-16 to -22 is installed"
cp "$fixtures/branchy" program
expected=$(./program 2000)
recorded one.pgoraw SAMPLES 300 -F 1000 --budget 50 -- ./program 100000
recorded two.pgoraw SAMPLES 300 -F 1000 --budget 50 -- ./program 100000

expect_status 0 "$bolt" relink program -p one.pgoraw --force
[ "$(./program.bolt 2000)" = "$expected" ] || fail "the new binary computes something else"
grep -q "does not fit" err && fail "the profile does not fit: $(cat err)"
grep -qE ', [1-9][0-9]* of [0-9]+ functions have a profile' out || fail "nothing used: $(cat out)"
for tool in $(real_bolts); do
    expect_status 0 "$bolt" relink program -p one.pgoraw --bolt "$tool" --force
    [ "$(./program.bolt 2000)" = "$expected" ] || fail "$tool: it computes something else"
    grep -qE 'taken branches -[1-9]' out || fail "$tool: no gain: $(cat out)"
done
expect_status 0 "$bolt" relink program -p one.pgoraw two.pgoraw -o both --force
expect_status 0 "$bolt" relink program -p one.pgoraw -p two.pgoraw -o both --force
[ "$(./both 2000)" = "$expected" ] || fail "merged: the new binary computes something else"

# A shared object, from the recording of an unmodified program that uses it.
sources=$(dirname "$build")/tests/programs
[ -e "$sources/branchy.c" ] || skip "the build directory is not in the source tree"
mkdir library
sed 's/int main/int branchy_main/' "$sources/branchy.c" >library/branchy.c
gcc -O1 -shared -fPIC -Wl,--emit-relocs -o library/libbranchy.so library/branchy.c || fail "gcc"
echo 'int branchy_main(int, char **); int main(int c, char **v) { return branchy_main(c, v); }' |
    gcc -x c -w -o user - -Llibrary -lbranchy -Wl,-rpath,"$work/library" || fail "gcc"
recorded library.pgoraw SAMPLES 300 -F 1000 --budget 50 -- ./user 100000
expect_status 0 "$bolt" relink library/libbranchy.so -p library.pgoraw -o new.so --force
cmp -s new.so library/libbranchy.so && fail "nothing was relinked"
mv new.so library/libbranchy.so
[ "$(./user 2000)" = "$expected" ] || fail "the new library computes something else"

# The same source with another option: another build-id.
gcc -O2 -g -Wl,--emit-relocs -o other "$sources/branchy.c" || fail "gcc"
mkdir elsewhere && mv other elsewhere/program
expect_status 3 "$bolt" relink elsewhere/program -p one.pgoraw
expect_said "is not the build that was recorded"
# A program that was not recorded at all.
expect_status 1 "$bolt" relink "$fixtures/spin" -p one.pgoraw -o spin.bolt
expect_said "does not occur in the profile"
# A recording that is cut short.
head -c 5000 one.pgoraw >cut.pgoraw
expect_status 3 "$bolt" relink program -p cut.pgoraw --force
expect_said "cut.pgoraw"
expect_said "cut short"
# A recording of nothing: of a program that only waits, and is killed.
echo 'int pause(void); int main(void) { return pause(); }' >idle.c
gcc -Wl,--emit-relocs -w -o idle idle.c || fail "gcc"
LD_PRELOAD=$build/libpgoshim.so PGOSHIM_FILE=$work/idle.pgoraw PGOSHIM_BUDGET=100 ./idle &
idle=$!
tries=0
until [ -s idle.pgoraw ] && grep -q '^State:.*S' /proc/$idle/status; do
    tries=$((tries + 1))
    [ $tries -lt 15000 ] || fail "no raw file came"
    sleep 0.02
done
kill -9 $idle
wait $idle
expect_status 1 "$bolt" relink ./idle -p idle.pgoraw
expect_said "remedy:"
expect_nothing_left
