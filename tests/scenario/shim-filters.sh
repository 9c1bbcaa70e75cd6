# A system call filter that was there before the program is fatal to nothing that runs without
# the shim: whichever call it forbids.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
ulimit -c 0

"$fixtures/filtered" 1000 "$fixtures/spin" 1 >/dev/null || skip "no system call filters here"

# shimmed CALLS: spin with the shim behind the filter, and only there
shimmed() {
    rm -f raw* log
    timeout 600 "$fixtures/filtered" "$1" /usr/bin/env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 \
        PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 PGOSHIM_LOG="$work/log" \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 10
}
# Without its clock it never ends: two seconds of CPU time at most.
plain() { (ulimit -t 2 && exec timeout 20 "$fixtures/filtered" "$1" /usr/bin/env "$fixtures/spin" 1); }

# Who tries needs a child.
clone=56
allowed=0 forbidden=0
is_ours() { [ ! -e log ] || grep -q 'to which .* is fatal' log; } # where it may not even be said
try() { # CALL
    [ "$1" -ne $clone ] || return
    plain "$1" >/dev/null 2>&1 || return
    shimmed "$1" >out 2>&1 || fail "system call $1 is fatal: status $?, $(cat log 2>&1)"
    grep -qx done out || fail "system call $1: $(cat out)"
    if is_ours; then
        forbidden=$((forbidden + 1))
    else
        allowed=$((allowed + 1))
    fi
    [ -z "$(echo *.new | grep -v '^\*')" ] || fail "system call $1: a file is left behind"
}
# Ten at a time where neither the program nor the shim makes any of them, otherwise one by one.
for first in $(seq 0 10 460); do
    last=$((first + 9))
    if plain $first-$last >/dev/null 2>&1 && shimmed $first-$last >out 2>&1 && grep -qx done out &&
        ! is_ours; then
        allowed=$((allowed + 10))
        continue
    fi
    for call in $(seq $first $last); do try "$call"; done
done
echo "$forbidden calls are ours, $allowed are not"
[ $forbidden -gt 10 ] && [ $allowed -gt 100 ] || fail "$forbidden calls of ours, $allowed others"

# Where the kernel says that cpuid is forbidden, here because a filter says it in its place, nothing asks the CPU.
cat >forbids.c <<'C'
#include <asm/prctl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int count, char **arguments)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_GET_CPUID, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {6, steps};
    if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return 77;
    execv(arguments[1], arguments + 1);
    return 127;
}
C
gcc -o forbids forbids.c || fail "compiling"
rm -f log
env PGOSHIM_FILE="$work/raw" PGOSHIM_BUDGET=100 PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" \
    ./forbids "$fixtures/spin" 10 >out 2>&1 || fail "cpuid is forbidden: status $?"
grep -qx done out || fail "cpuid is forbidden: $(cat out)"
grep -q "it forbids cpuid" log || fail "cpuid is forbidden: $(cat log)"

# A call that fails costs at most the recording: of those that the shim makes, each in turn.
for call in 1 3 5 8 9 10 12 13 14 15 16 21 27 28 35 39 56 61 63 72 77 79 86 87 89 98 131 158 186 204 \
    217 222 223 226 228 234 257 262 269 272 285 293 298 302 310 318 319; do
    alone=$(plain -$call 2>&1) || continue
    together=$(shimmed -$call 2>&1) || fail "system call $call fails: status $?, $together"
    [ "$alone" = "$together" ] || fail "system call $call fails: $together"
done

# A filter that the program puts in place past libc, before the recorder has started: it is looked
# for again when that starts, here by a signal stack, unless a sample did so before.
cat >past-libc.c <<'C'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
static long call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("xor %%r10d, %%r10d\n\txor %%r8d, %%r8d\n\tsyscall"
                     : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r8", "r10", "r11", "memory");
    return result;
}
int main(void)
{
    static char memory[1 << 16];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {4, steps};
    if (call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0) != 0 || call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&filter) != 0)
        return 77;
    if (sigaltstack(&stack, 0) != 0)
        return 1;
    for (volatile long i = 0; i < 10000000; i++)
        ;
    return 0;
}
C
gcc -O1 -o past-libc past-libc.c || fail "compiling"
if ./past-libc; then
    for _ in 1 2 3; do
        rm -f log
        env PGOSHIM_FILE="$work/past.pgoraw" PGOSHIM_BUDGET=0.01 PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" \
            ./past-libc || fail "a filter past libc: status $?, $(cat log)"
        grep -q "perf_event_open is fatal" log && break
    done
    grep -q "perf_event_open is fatal" log || fail "a filter past libc: $(cat log)"
fi

# The reason is said to whoever asked for the profile: 298 is perf_event_open.
expect_status 0 "$record" -o said.pgoraw -- "$fixtures/filtered" 298 "$fixtures/spin" 10
expect_said "perf_event_open is fatal"

# A filter that answers with an error, as containers have, does not end the recording.
expect_status 0 "$record" -q -o recorded.pgoraw -F 4000 --budget 100 -- "$fixtures/filtered" 1000 "$fixtures/spin" 300
[ -e recorded.pgoraw ] || fail "not recorded under a filter that allows all"
exit 0
