# doctor: whatever llvm-bolt stops at is said before anything is recorded, with what mends it; the
# same by llvm-bolt 16, 19 and 22 themselves, where they are installed.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
fake_bolt good-bolt 'exit 0'
cat >parts.c <<'END'
#include <stdlib.h>
volatile int zero;
__attribute__((cold, noinline)) static void rarely(unsigned x) { zero = x; abort(); }
__attribute__((noinline)) static unsigned work(unsigned n)
{
    unsigned sum = zero;
    for (unsigned i = 1; i < n; i++) {
        sum += i & 1 ? i * 3 : i / 2;
        if (sum == 0xdeadbeef) {
            for (int j = 0; j < 3; j++) rarely(sum + j);
            abort();
        }
    }
    return sum;
}
unsigned NAME(unsigned n) { return work(n); }
END
cat >main.c <<'END'
unsigned first(unsigned), second(unsigned);
#ifdef EXTRA
int EXTRA(void) { return 1; }
#endif
int main(int argc, char **argv) { (void)argv; return first(argc) == second(argc + 1); }
END
for part in first second; do
    sed "s/volatile int zero/static volatile int zero/; s/NAME/$part/" parts.c >$part.c
    gcc -O2 -c $part.c || fail "gcc"
done
link() { # OUTPUT OPTIONS...
    output=$1
    shift
    gcc -O2 -Wl,--emit-relocs -o "$output" main.c first.o second.o "$@" || fail "gcc $*"
}
link good
link asan -DEXTRA=__asan_init_v4
link split -DEXTRA=__morestack
link coverage -DEXTRA=__llvm_coverage_mapping_of_old
objcopy --redefine-sym first=second good twice 2>/dev/null || fail "objcopy"
gcc -O2 -o plain main.c first.o second.o && objcopy --only-keep-debug plain debug
# As strip and friends leave them: without FILE symbols, or without the function of a part.
python3 - good without-files <<'END'
import struct, sys
image = bytearray(open(sys.argv[1], "rb").read())
table, = struct.unpack_from("<Q", image, 40)
for section in range(struct.unpack_from("<H", image, 60)[0]):
    header = table + 64 * section
    if struct.unpack_from("<I", image, header + 4)[0] == 2:
        start, size = struct.unpack_from("<QQ", image, header + 24)
        for symbol in range(start, start + size, 24):
            if image[symbol + 4] & 15 == 4:
                image[symbol + 4:symbol + 8] = bytes(4)
open(sys.argv[2], "wb").write(image)
END
chmod +x without-files
objcopy --redefine-sym work=renamed good without-function

# refused NAME WORDS REMEDY REAL-WORDS: by doctor whatever llvm-bolt there is, and by that
refused() {
    LLVM_BOLT=$work/good-bolt expect_status 1 "$bolt" doctor "./$1"
    expect_printed "$2"
    expect_printed "$3"
    expect_printed "BOLT cannot relink it"
    [ "$4" ] && agrees "$1" "$4"
    return 0
}

# agrees NAME WORDS: each llvm-bolt that is here takes the program where doctor says so of that
# version, and says WORDS where it does not
agrees() {
    for llvm_bolt in $llvm_bolts; do
        if "$llvm_bolt" "$1" -o /dev/null >real 2>&1; then
            LLVM_BOLT=$llvm_bolt expect_status 0 "$bolt" doctor "./$1"
        else
            grep -q "$2" real || fail "$llvm_bolt says of $1: $(tail -3 real)"
            LLVM_BOLT=$llvm_bolt expect_status 1 "$bolt" doctor "./$1"
            expect_printed "BOLT cannot relink it"
        fi
    done
}
llvm_bolts=$(command -v llvm-bolt-16 llvm-bolt-19 llvm-bolt-22)
LLVM_BOLT=$work/good-bolt expect_status 0 "$bolt" doctor ./good
agrees good "nothing: it takes it"
refused asan "no program with the address sanitizer" "without -fsanitize=address" "sanitizer support"
refused split "whose returns skip code" "without -fsplit-stack" ""
refused coverage "no program with clang's coverage" "without -fcoverage-mapping" "coverage support"
refused twice "second is in the symbol table twice" "-fuse-ld=bfd" "is not unique"
refused debug "it holds what was stripped off" "name the program itself" "not mapped to a valid"
if nm good | grep -q 'work\.cold'; then
    refused without-files "only FILE symbols could tell" "--keep-file-symbols" "have FILE symbols"
    refused without-function "function that work.cold is a part of" "no objcopy" "parent function"
    # Older ones do not join the parts of functions.
    sed 's/99.0.1/16.0.6/' good-bolt >old-bolt && chmod +x old-bolt
    LLVM_BOLT=$work/old-bolt expect_status 0 "$bolt" doctor ./without-files
fi
# Also where versions of a symbol are what makes it not unique.
if command -v ld.lld-22 >/dev/null && command -v clang-22 >/dev/null; then
    cat >versions.c <<'END'
int old(int x) { return x & 1 ? 3 : 5; }
int new(int x) { return x & 3 ? x : 2 * x; }
__asm__(".symver old,call@V_1");
__asm__(".symver new,call@@V_2");
END
    printf 'V_1 { global: call; local: *; };\nV_2 { global: call; } V_1;\n' >map
    for linker in lld bfd; do
        clang-22 -O2 -fPIC -shared -fuse-ld=$linker -Wl,--version-script=map,-q -o $linker.so versions.c ||
            fail "clang-22"
    done
    refused lld.so "call is in the symbol table twice" "-fuse-ld=bfd" "is not unique"
    LLVM_BOLT=$work/good-bolt expect_status 0 "$bolt" doctor ./bfd.so
fi
# What BOLT wrote, though its note was taken out.
if command -v llvm-bolt-22 >/dev/null && llvm-bolt-22 good -o rewritten >/dev/null 2>&1; then
    objcopy -R .note.bolt_info rewritten
    refused rewritten "already rewritten by BOLT" "linker's output" "was processed by BOLT"
fi

# Of other kinds, also what neither minds: each version by itself.
for kind in "static -static" "at-a-fixed-address -no-pie -fno-pie" "packed -Wl,-z,noseparate-code" \
    "relative -Wl,-z,pack-relative-relocs" "bound -Wl,-z,now" "stripped -s" "unnamed -Wl,--build-id=none"; do
    # shellcheck disable=SC2086
    link $kind
    agrees "${kind%% *}" "stripped binaries are not supported"
done
strip --strip-unneeded -o without-locals good
agrees without-locals ""

# What nothing foretells, llvm-bolt is asked itself.
fake_bolt crashing 'kill -SEGV $$'
LLVM_BOLT=$work/crashing expect_status 1 "$bolt" doctor ./good
expect_printed "llvm-bolt does not rewrite it: it was killed by signal 11"
expect_printed "nothing was stripped off"
fake_bolt refusing 'echo "BOLT-ERROR: can only process .gdb_index versions 7 and 8" >&2; exit 1'
LLVM_BOLT=$work/refusing expect_status 1 "$bolt" doctor ./good
expect_printed "rewrite it: can only process .gdb_index versions 7 and 8"
expect_printed "without --gdb-index"
fake_bolt unknown 'echo "BOLT-ERROR: words of next year" >&2; exit 1'
LLVM_BOLT=$work/unknown expect_status 1 "$bolt" doctor ./good
expect_printed "words of next year"

# relink says the same, and names what mends what llvm-bolt says.
samples_in ./good main >samples
expect_status 3 "$bolt" relink ./asan --fdata samples
expect_said "remedy: compile and link without -fsanitize=address"
LLVM_BOLT=$work/refusing expect_status 3 "$bolt" relink ./good --fdata samples
expect_said "remedy: link without --gdb-index"
expect_nothing_left
