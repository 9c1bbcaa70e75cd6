# Processes that are copies end nothing of their parent's; a name that is taken costs no recording.
. "$(dirname "$0")/../support/scenario.sh"
include=$(cd "$(dirname "$0")/../../include" && pwd)
cd "$work" || exit 1
# With this budget a process is recorded from its first instruction on.
export PGOSHIM_BUDGET=100

for kind in exit filter fork; do
    rm -f copy.pgoraw
    PGOSHIM_FILE=$work/copy.pgoraw LD_PRELOAD="$build/libpgoshim.so" "$fixtures/copies" $kind >out ||
        fail "a raw child that does $kind: $(cat out)"
done

# Programs of many containers, each of which is process 1: the fourteenth by a name that is taken.
for run in $(seq 13); do
    : >"taken.pgoraw$([ "$run" -eq 1 ] || echo ".1$([ "$run" -eq 2 ] || echo ".$((run - 1))")")"
done
if unshare -pf --mount-proc true 2>/dev/null; then
    unshare -pf --mount-proc env PGOSHIM_FILE="$work/taken.pgoraw" PGOSHIM_LOG="$work/log" \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 1 >out || fail "in a namespace: $(cat out)"
    grep -q "taken.pgoraw.1.13: up to" log || fail "the fourteenth has no file: $(cat log)"
fi

# A question for system call filters ends no recording; a filter does.
cat >asks.c <<'C'
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int count, char **arguments)
{
    (void)arguments;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != -1 || errno != EFAULT)
        return 77;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) != -1 || errno != EFAULT)
        return 77;
    if (count > 1)
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, "");
    return 0;
}
C
gcc -o asks asks.c || fail "compiling"
for answer in 0 1; do
    rm -f asked.pgoraw log
    env PGOSHIM_FILE="$work/asked.pgoraw" LD_PRELOAD="$build/libpgoshim.so" PGOSHIM_LOG="$work/log" \
        ./asks $([ $answer -eq 0 ] || echo filter) || fail "asks: status $?"
    [ "$(grep -c 'sampling ends: a system call filter' log)" -eq $answer ] || fail "asked: $(cat log)"
done

# A program, or a debugger in it, may end the sampling.
cat >stops.c <<'C'
#include <pgoshim/pgoshim.h>
int main(void)
{
    pgoshim_stop();
    return 0;
}
C
gcc -I"$include" -o stops stops.c "$build/libpgoshim.so" || fail "compiling"
rm -f log
env PGOSHIM_FILE="$work/stopped.pgoraw" PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" ./stops ||
    fail "stops: status $?"
grep -q "sampling ends: it was asked for" log || fail "stopped: $(cat log)"
exit 0
