# Recording from outside finds the code of programs whose mappings are unusual: small files, whose
# first page is mapped more than once, and code that was moved to memory of no file.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
command -v gcc >/dev/null || skip "no gcc"
cat >moves.c <<'END_OF_C'
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
static volatile unsigned sink;
__attribute__((noinline)) void in_program(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        sink += i % 7;
}
extern char __executable_start, etext;
/* All that is mapped of the file up to the end of its code: a copy takes its place. */
static void move(void)
{
    char *from = (char *)((unsigned long)&__executable_start & ~4095ul);
    unsigned long size = ((unsigned long)&etext - (unsigned long)from + 4095) & ~4095ul;
    char *copy = mmap(0, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(copy, from, size);
    mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, from);
}
int main(int count, char **arguments)
{
    if (count > 1 && *arguments[1] == 'm')
        move();
    for (;;)
        in_program(1000000);
}
END_OF_C
gcc -O1 -g -Wl,-z,now -o bfd moves.c || fail "gcc"
linkers=bfd
for linker in lld mold; do
    { gcc -O1 -g -Wl,-z,now -fuse-ld=$linker -o $linker moves.c || clang-22 -O1 -g -Wl,-z,now -fuse-ld=$linker -o $linker moves.c; } 2>log &&
        linkers="$linkers $linker"
done
gcc -O1 -g -static -Wl,-z,now -o static moves.c 2>log && linkers="$linkers static"
is_there() { # the target runs the program, which has moved its code if it was to
    [ "$(readlink "/proc/$target/exe")" = "$(realpath "$program")" ] &&
        { [ $how = stays ] || grep -q 'rwxp 00000000 00:00 0' "/proc/$target/maps"; }
}
trap 'kill "$target" 2>/dev/null; rm -rf "$work"' EXIT
for program in $linkers; do
    for how in stays moves; do
        ./$program $how &
        target=$!
        wait_until "$program $how" is_there
        for seconds in 0.2 1 4 16 64; do
            "$record" --force -q -F 2000 --budget 20 -o $program.$how.pgoraw -p $target -d $seconds >out 2>err || {
                grep -q "may not be" err && skip "no process may be sampled from outside here: $(head -1 err)"
                fail "$program $how: $(cat err)"
            }
            # Where nothing was sampled there is no file.
            [ ! -e $program.$how.pgoraw ] || [ "$(counter $program.$how.pgoraw SAMPLES)" -lt 20 ] || break
        done
        [ "$(counter $program.$how.pgoraw SAMPLES)" -ge 20 ] ||
            fail "$program $how: not 20 samples in $seconds seconds"
        kill $target
        wait $target 2>/dev/null
        hot_among $program.$how.pgoraw in_program $program
    done
done
