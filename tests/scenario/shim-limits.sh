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

# Limits that are lowered while it is recorded: the program goes on, with new threads, and so do its samples.
cat >goes-on.c <<'C'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
static volatile unsigned long sum;
static void *work(void *unused)
{
    for (unsigned long i = 0; i < 30000000; i++)
        sum += i % 7;
    return unused;
}
/* goes-on RESOURCE LIMIT FILE: works until somebody else has made FILE, lowers the limit, works on. */
int main(int count, char **arguments)
{
    struct rlimit limit;
    pthread_t thread;
    if (count < 4)
        return 2;
    while (access(arguments[3], F_OK) != 0)
        work(NULL);
    limit.rlim_cur = limit.rlim_max = (rlim_t)atol(arguments[2]);
    if (setrlimit((enum __rlimit_resource)atoi(arguments[1]), &limit) != 0)
        return 2;
    work(NULL);
    if (pthread_create(&thread, NULL, work, NULL) == 0) /* RLIMIT_NPROC forbids it, but not to root */
        pthread_join(thread, NULL);
    return 0;
}
C
gcc -O1 -pthread -o goes-on goes-on.c || fail "compiling"
# Numbers of <sys/resource.h>: FSIZE, NPROC, NOFILE, MEMLOCK, SIGPENDING.
for limit in "1 4096" "6 0" "7 0" "8 0" "11 0"; do
    rm -f raw lower
    # shellcheck disable=SC2086 # two words
    env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 LD_PRELOAD="$build/libpgoshim.so" \
        ./goes-on $limit "$work/lower" >out 2>&1 &
    program=$!
    trap 'kill $program 2>/dev/null; rm -rf "$work"' EXIT
    wait_for_count raw SAMPLES 1
    before=$(counter raw SAMPLES)
    : >lower
    wait $program || fail "limit $limit, lowered while it runs: status $?: $(cat out)"
    [ ! -s out ] || fail "limit $limit: it says: $(cat out)"
    [ "$(counter raw SAMPLES)" -ge "$before" ] || fail "limit $limit: samples are gone"
done

# btrfs copies what is written to a mapped page, and where it is full, that ends a program: our file is exempt from that.
# An overlay over it is asked for the same.  Full before the program goes on.
fills_up() { # DIRECTORY
    rm -f raw lower "$1"/raw*
    env PGOSHIM_FILE="$1/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=5 LD_PRELOAD="$build/libpgoshim.so" \
        ./goes-on 7 1024 "$work/lower" >out 2>&1 &
    program=$!
    trap 'kill $program 2>/dev/null; umount "$work/over" "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
    wait_for_count "$1/raw" SAMPLES 1
    dd if=/dev/zero of="$1/filling" bs=1M 2>/dev/null && fail "$1 does not fill up"
    sync -f "$1"
    wait_for_count "$1/raw" SAMPLES $(($(counter "$1/raw" SAMPLES) + 2))
    sync -f "$1"
    wait_for_count "$1/raw" SAMPLES $(($(counter "$1/raw" SAMPLES) + 2))
    : >lower
    wait $program || fail "$1 that fills up: status $?: $(cat out)"
    [ ! -s out ] || fail "$1 that fills up: it says: $(cat out)"
    rm "$1/filling"
}
mkdir -p disk over
if [ "$(id -u)" -eq 0 ] && truncate -s 150M image && mkfs.btrfs -q image >/dev/null 2>&1 && mount -o loop image disk 2>/dev/null; then
    fills_up "$work/disk"
    mkdir disk/below disk/upper disk/work
    ! mount -t overlay -o lowerdir=disk/below,upperdir=disk/upper,workdir=disk/work none over 2>/dev/null || fills_up "$work/over"
    umount over disk
else
    echo "no btrfs here"
fi

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
