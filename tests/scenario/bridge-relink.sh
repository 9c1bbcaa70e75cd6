# relink for real, with every llvm-bolt that is installed: the new binary does
# the same, has fewer taken branches on the hot path, and the old one is whole.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
[ -n "$(real_bolts)" ] || skip "no llvm-bolt-16 to -22 is installed"
cp "$fixtures/branchy" program
before=$(sha256sum program)
expected=$(./program 2000)
exact_profile ./program "$work/exact.fdata" 2000

for tool in $(real_bolts); do
    expect_status 0 "$bolt" relink program --fdata exact.fdata --bolt "$tool" -o "new"
    expect_printed "functions have a profile"
    grep -qE 'taken branches -[0-9]' out || fail "no gain with $tool: $(cat out)"
    [ "$(./new 2000)" = "$expected" ] || fail "$tool: the new binary computes something else"
    readelf -SW new | grep -q '\.note\.bolt_info' || fail "$tool: this is not an output of BOLT"
    expect_status 3 "$bolt" relink ./new --fdata exact.fdata --bolt "$tool"
    expect_said "was already rewritten by BOLT"
    rm new
done
[ "$(sha256sum program)" = "$before" ] || fail "the original was touched"

# Found by itself: the newest in PATH, or what LLVM_BOLT names.
expect_status 0 "$bolt" relink program --fdata exact.fdata
[ "$(./program.bolt 2000)" = "$expected" ] || fail "the default output computes something else"
LLVM_BOLT=$(real_bolts | tail -1) expect_status 0 "$bolt" relink program --fdata exact.fdata --force
version=$($(real_bolts | tail -1) --version | sed -n 's/.*LLVM version //p')
expect_printed "llvm-bolt $version"

# The profile in BOLT's own YAML form, which says the same to BOLT.
expect_status 0 "$bolt" relink program --fdata exact.fdata -o by-fdata --yaml program.yaml
grep -q '^ *dfg-order:\|^ *profile-version:' program.yaml || fail "no YAML: $(head program.yaml)"
expect_status 0 "$bolt" relink program --fdata program.yaml -o by-yaml
for name in by-fdata by-yaml; do
    objcopy -O binary --only-section=.text $name $name.text || fail "objcopy"
done
cmp by-fdata.text by-yaml.text || fail "BOLT makes other code of the YAML profile"
expect_status 3 "$bolt" relink program --fdata exact.fdata -o new --yaml program.yaml
expect_said "already exists"
[ ! -e new ] || fail "a binary without its profile"
rm by-* program.yaml

# Without relocations: on request, within the functions.
sources=$(dirname "$build")/tests/programs
[ -e "$sources/branchy.c" ] || skip "the build directory is not in the source tree"
gcc -O1 -o bare "$sources/branchy.c" || fail "gcc"
exact_profile ./program "$work/bare.fdata" 2000
expect_status 3 "$bolt" relink ./bare --fdata bare.fdata
expect_said "without relocations"
expect_status 0 "$bolt" relink ./bare --fdata bare.fdata --without-relocations
[ "$(./bare.bolt 2000)" = "$expected" ] || fail "without relocations it computes something else"

# Calls of libraries go past the PLT where the binary is linked so that its symbols are found at the
# start, and there alone.
cat >calls.c <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words)
{
    long sum = 0;
    for (int i = count > 1 ? atoi(words[1]) : 0; i > 0; i--)
        sum += labs(atol(words[1]) - i) + div(i, 3).rem;
    printf("%ld\n", sum);
    return 0;
}
END
for binding in lazy now; do
    gcc -O1 -fno-builtin -Wl,--emit-relocs,-z,$binding -o $binding calls.c || fail "gcc"
    exact_profile ./$binding "$work/$binding.fdata" 3000
    for tool in $(real_bolts); do
        expect_status 0 "$bolt" relink ./$binding --fdata $binding.fdata --bolt "$tool" -o new
        [ "$(./new 3000)" = "$(./$binding 3000)" ] || fail "$tool: the new binary computes something else"
        objdump -d --no-show-raw-insn --disassemble=main new >code
        past=$(grep -c 'call  *\*.*(%rip)' code)
        case $binding in
        lazy) [ "$past" = 0 ] || fail "$tool: symbols would be found earlier than before" ;;
        now) [ "$past" -ge 3 ] || fail "$tool: calls still go through the PLT" ;;
        esac
        rm new
    done
done

# A profile of something else entirely is noticed.
echo '1 nosuch 0 1 nosuch 5 0 10' >other.fdata
expect_status 0 "$bolt" relink program --fdata other.fdata --force
expect_said "warning: BOLT used nothing of the profile"
expect_nothing_left
