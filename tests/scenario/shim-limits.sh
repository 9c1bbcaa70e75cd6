# Limits of the process end nothing, and what the shim does not get, the program does not miss.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
command -v prlimit >/dev/null || skip "no prlimit here"

# limited WANTED OPTION...: the same output and status as without the shim, and WANTED in the log
limited() {
    wanted=$1
    shift
    rm -f raw log
    plain=$(prlimit "$@" "$fixtures/spin" 50 2>&1) || fail "$*: not even without the shim: $plain"
    shimmed=$(prlimit "$@" env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 50 2>&1) ||
        fail "$*: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$*: $shimmed"
    grep -q "$wanted" log || fail "$*: $(cat log)"
}

limited "ulimit -v" --as=$((300 << 20))
limited "up to 4000" --as=$((4000 << 20))
limited "ulimit -d" --data=$((20 << 20))
limited "up to 4000" --stack=65536
limited "up to 4000" --memlock=0
limited "up to 4000" --sigpending=0
limited "up to 4000" --nproc=1
limited "limit on file size" --fsize=20480
limited "pgoshim" --nofile=6
limited "pgoshim" --cpu=100

# A limit that is lowered before the recorder starts: what is left is the program's.  Its signal stack
# starts the recorder, unless a sample did so before.
cat >lowers.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#define SPARE (24ul << 20)
#define WANTED (16ul << 20)
int main(void)
{
    static char memory[1 << 16];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
    struct rlimit limit = {0, RLIM_INFINITY};
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1)
        return 2;
    limit.rlim_cur = pages * 4096 + SPARE;
    if (setrlimit(RLIMIT_AS, &limit) != 0 || sigaltstack(&stack, NULL) != 0)
        return 2;
    file = malloc(WANTED);
    if (!file)
        return 1;
    memset(file, 1, WANTED);
    return 0;
}
C
gcc -o lowers lowers.c || fail "compiling"
./lowers || skip "not even without the shim"
for _ in 1 2 3; do
    rm -f log
    env PGOSHIM_FILE="$work/raw" PGOSHIM_BUDGET=0.01 PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" ./lowers ||
        fail "a limit that is lowered: status $?, $(cat log)"
    grep -q "ulimit -v" log && break
done
grep -q "ulimit -v" log || fail "a limit that is lowered: $(cat log)"

# A directory that cannot be written to.
mkdir read-only
if mount -t tmpfs -o ro,size=1m none read-only 2>/dev/null; then
    rm -f log
    out=$(env PGOSHIM_FILE="$work/read-only/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_LOG="$work/log" \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 50 2>&1)
    status=$?
    umount read-only
    [ $status -eq 0 ] && [ "$out" = done ] || fail "read-only disk: $status, $out"
    grep -q "Read-only file system" log || fail "read-only disk: $(cat log)"
fi
exit 0
