# A Propeller profile: clang and ld.lld take it, cold blocks leave hot functions,
# and control takes fewer branches for the same work.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/jumps.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
for tool in clang++-22 llvm-readelf-22 valgrind; do
    command -v $tool >/dev/null || skip "no $tool"
done
command -v ld.lld-22 ld.lld >/dev/null || skip "no ld.lld"

# one NAME ROUNDS COMPILER SOURCES...
one() {
    name=$1 rounds=$2
    shift 2
    expect_status 0 "$@" -O2 -ffunction-sections -fuse-ld=lld -fbasic-block-address-map -o "$name"
    recorded "$name.pgoraw" SAMPLES 300 -F 2000 --budget 50 -- "./$name" "$rounds"
    for format in propeller order; do
        expect_status 0 "$analyze" convert -b "$name" -f $format -o "$name.$format" "$name.pgoraw"
    done
    expect_status 0 "$@" -O2 -ffunction-sections -fuse-ld=lld \
        -fbasic-block-sections=list="$name.propeller" -Wl,--symbol-ordering-file="$name.order" \
        -o "$name.optimised"
    [ -s err ] && fail "clang says of $name: $(cat err)"
    [ "$("./$name.optimised" 1000)" = "$("./$name" 1000)" ] || fail "$name computes something else"
}

# taken PROGRAM ROUNDS: jumps that were taken
taken() {
    count_jumps counts "./$1" "$2" >/dev/null || fail "callgrind of $1: $(cat counts.log)"
    cut -d ' ' -f 1 counts
}

# What the compiler is told to be rare happens nearly always: only a profile can know.
cat >wrong.c <<'END'
#include <stdio.h>
#include <stdlib.h>
volatile unsigned mask = 63;
__attribute__((noinline)) static unsigned mostly_hinted_wrong(unsigned x)
{
    if (__builtin_expect((x & mask) != 0, 0)) {
        if (__builtin_expect((x & mask) != 1, 0))
            return x * 3 + mask;
        return x + mask;
    }
    return x / 7 + 11 * mask;
}
int main(int argc, char **argv)
{
    unsigned x = 1;
    for (long i = argc > 1 ? 10 * atol(argv[1]) : 1; i > 0; i--)
        x = mostly_hinted_wrong(x) + (unsigned)i;
    printf("%u\n", x);
    return 0;
}
END
one c 10000 clang-22 "$sources/kernel.c"
llvm-readelf-22 -sW c.optimised | grep -q ' main[.]cold$' || fail "no code is cold"
one wrong 10000000 clang-22 wrong.c
one cxx 500000 clang++-22 "$sources/shapes.cpp" "$sources/elsewhere.cpp"
grep -q '^f .*local_step' cxx.propeller && fail "two functions of one name have one profile"
before=$(taken wrong 10000) after=$(taken wrong.optimised 10000)
[ $((after * 4)) -lt $((before * 3)) ] ||
    fail "$after jumps taken, $before without the profile"

# Without the map, and with a damaged one, nothing is written.
expect_status 0 clang-22 "$sources/kernel.c" -O2 -o plain
recorded plain.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./plain 10000
expect_status 3 "$analyze" convert -b plain -f propeller -o new plain.pgoraw
expect_said "-fbasic-block-address-map"
# damaged OFFSET BYTE: the program c with that byte in its map
damaged() {
    offset=$(llvm-readelf-22 -SW c | awk '/llvm_bb_addr_map/ { sub(/.*LLVM_BB_ADDR_MAP/, ""); print $2 }')
    cp c c.damaged
    printf "\\$2" | dd of=c.damaged bs=1 seek=$((0x$offset + $1)) conv=notrunc status=none
}
damaged 0 011
expect_status 3 "$analyze" convert -b c.damaged -f propeller -o new c.pgoraw
expect_said "version 9"
damaged 11 377
expect_status 3 "$analyze" convert -b c.damaged -f propeller -o new c.pgoraw
expect_said "is a damaged ELF file"
[ ! -e new ] || fail "a refused conversion left a file"
