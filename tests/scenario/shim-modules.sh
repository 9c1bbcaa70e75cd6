# Code is found wherever the dynamic linker put it: libraries in namespaces of their own, loaded
# late, and programs that the dynamic linker itself was started to run.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
command -v gcc >/dev/null || skip "no gcc"
cat >library.c <<'END_OF_C'
static volatile unsigned sink;
__attribute__((noinline)) void in_library(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        sink += i % 7;
}
END_OF_C
cat >loads.c <<'END_OF_C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
/* The library in as many namespaces as there are arguments, each closed before the next but the last. */
int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        void *library = dlmopen(LM_ID_NEWLM, arguments[i], RTLD_NOW);
        if (!library)
            return puts(dlerror());
        void (*run)(unsigned) = (void (*)(unsigned))dlsym(library, "in_library");
        run(40000000);
        if (i + 1 < count)
            dlclose(library);
    }
    return 0;
}
END_OF_C
cat >works.c <<'END_OF_C'
static volatile unsigned sink;
__attribute__((noinline)) void in_program(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        sink += i % 7;
}
int main(void) { in_program(100000000); return 0; }
END_OF_C
gcc -O1 -g -fPIC -shared -o library.so library.c && cp library.so another.so &&
    gcc -O1 -g -o loads loads.c && gcc -O1 -g -o works works.c || fail "gcc"

recorded namespaces.pgoraw SAMPLES 30 -F 2000 --budget 50 -- ./loads ./library.so
hot_among namespaces.pgoraw in_library library.so
recorded late.pgoraw SAMPLES 30 -F 2000 --budget 50 -- ./loads ./library.so ./another.so ./library.so
hot_among late.pgoraw in_library

loader=$(readelf -l works | sed -n 's/.*interpreter: \(.*\)]/\1/p')
for command in "$loader ./works" "$loader --argv0 other ./works"; do
    recorded loader.pgoraw SAMPLES 30 -F 2000 --budget 50 -- $command
    hot_among loader.pgoraw in_program works
    "$analyze" show --json loader.pgoraw | python3 -c '
import json, sys
recording = json.load(sys.stdin)["recordings"][0]
assert recording["program"].endswith("/works"), recording["program"]' || fail "$command: another program"
done

# Where /proc is not mounted, the program is known by the name that it was started by.
without_proc='mount --make-rprivate / && umount -l /proc && exec "$@"'
if unshare -m sh -c "$without_proc" sh true 2>/dev/null; then
    for run in $(seq 20); do
        rm -f no-proc.pgoraw
        expect_status 0 unshare -m sh -c "$without_proc" sh "$record" -o no-proc.pgoraw -F 2000 --budget 50 -- ./works
        [ ! -e no-proc.pgoraw ] || break
    done
    hot_among no-proc.pgoraw in_program works
fi
