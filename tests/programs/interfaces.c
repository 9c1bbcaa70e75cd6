/*
 * interfaces ROW: the other ways to what the shim stands in for: old functions for signals, system
 * calls made through libc, calls after which no signal or no system call of ours may come.  Each
 * row works in that situation, checks what it sees, and prints "ROW: good".  Run it sampled hard
 * and without.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(interfaces_hot)
WORK_FUNCTION(c11_thread_hot)

#define SAMPLED_SURELY 100 /* milliseconds of CPU time */
#define OUR_BIT (1 << (SIGSTKFLT - 1))
#define DISPATCH 59 /* PR_SET_SYSCALL_USER_DISPATCH, where the headers have it */

typedef void (*handler_function)(int);

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void __longjmp_chk(jmp_buf, int) __attribute__((noreturn)); /* longjmp, with _FORTIFY_SOURCE */
extern handler_function bsd_signal(int, handler_function);
extern handler_function __sysv_signal(int, handler_function);
extern int __sigaction(int, const struct sigaction *, struct sigaction *);

/* Not through libc: what the kernel knows. */
static long kernel_call(long number, long first, long second, long third, long fourth)
{
    register long r10 __asm__("r10") = fourth;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

static bool kernel_blocks(int signal)
{
    uint64_t mask = 0;
    kernel_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, sizeof(mask));
    return mask >> (signal - 1) & 1;
}

/* --- old functions ------------------------------------------------------------------ */

static int each_to_default(handler_function (*function)(int, handler_function))
{
    for (int i = 1; i < 32; i++)
        function(i, SIG_DFL);
    interfaces_hot(SAMPLED_SURELY / 2);
    return 0;
}

static int action_to_default(void)
{
    struct sigaction none = {.sa_handler = SIG_DFL}, seen;
    for (int i = 1; i < NSIG; i++)
        __sigaction(i, &none, NULL);
    CHECK(__sigaction(SIGSTKFLT, NULL, &seen) == 0 && seen.sa_handler == SIG_DFL);
    interfaces_hot(SAMPLED_SURELY / 2);
    return 0;
}

static volatile int faults;

static void count_fault(int number)
{
    (void)number;
    faults++;
}

static int old_functions(void)
{
    CHECK(each_to_default(__sysv_signal) == 0);
    CHECK(each_to_default(sysv_signal) == 0);
    CHECK(each_to_default(bsd_signal) == 0);
    CHECK(each_to_default(ssignal) == 0);
    CHECK(each_to_default(sigset) == 0);
    CHECK(action_to_default() == 0);

    /* One call, and the default again. */
    CHECK(sysv_signal(SIGSTKFLT, count_fault) == SIG_DFL);
    CHECK(raise(SIGSTKFLT) == 0 && faults == 1);
    CHECK(sysv_signal(SIGSTKFLT, count_fault) == SIG_DFL);
    CHECK(sigignore(SIGSTKFLT) == 0 && raise(SIGSTKFLT) == 0 && faults == 1);
    CHECK(bsd_signal(SIGSTKFLT, count_fault) == SIG_IGN);
    CHECK(raise(SIGSTKFLT) == 0 && raise(SIGSTKFLT) == 0 && faults == 3);
    CHECK(sigset(SIGSTKFLT, SIG_HOLD) == count_fault);
    CHECK(sigset(SIGSTKFLT, SIG_DFL) == SIG_HOLD);
    CHECK(sigset(SIGSTKFLT, SIG_DFL) == SIG_DFL);
    return 0;
}

static int old_masks(void)
{
    CHECK(sigblock(~0) == 0);
    interfaces_hot(SAMPLED_SURELY);
    CHECK(sigblock(0) & OUR_BIT);
    CHECK(sigsetmask(OUR_BIT) & OUR_BIT);
    CHECK(sigsetmask(0) == OUR_BIT);
    CHECK(sigblock(0) == 0);
    for (int i = 1; i < 32; i++)
        sighold(i);
    interfaces_hot(SAMPLED_SURELY);
    CHECK(sigblock(0) & OUR_BIT);
    for (int i = 1; i < 32; i++)
        sigrelse(i);
    CHECK(sigblock(0) == 0);
    return 0;
}

/* --- system calls -------------------------------------------------------------------- */

struct kernel_action {
    handler_function handler;
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static int calls_for_signals(void)
{
    struct kernel_action action = {0}, seen;
    uint64_t all = ~UINT64_C(0), old = 1;

    for (long i = 1; i <= 64; i++)
        syscall(SYS_rt_sigaction, i, &action, NULL, sizeof(action.mask));
    interfaces_hot(SAMPLED_SURELY);
    CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof(all)) == 0 && old == 0);
    interfaces_hot(SAMPLED_SURELY);
    CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &old, sizeof(all)) == 0);
    CHECK(old >> (SIGSTKFLT - 1) & 1);
    all = 0;
    CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all)) == 0);
    action.handler = SIG_IGN;
    CHECK(syscall(SYS_rt_sigaction, SIGSTKFLT, &action, &seen, sizeof(action.mask)) == 0);
    CHECK(seen.handler == SIG_DFL && raise(SIGSTKFLT) == 0);
    CHECK(syscall(SYS_rt_sigaction, SIGSTKFLT, NULL, &seen, sizeof(action.mask)) == 0);
    CHECK(seen.handler == SIG_IGN);
    CHECK(syscall(SYS_rt_sigaction, SIGSTKFLT, NULL, &seen, 4) == -1 && errno == EINVAL);
    return 0;
}

/* System calls from outside libc are the program's own to handle, as emulators do it. */
static volatile char dispatch_blocks;
static volatile int dispatched;

static void dispatch_handle(int number, siginfo_t *information, void *context)
{
    (void)number;
    (void)information;
    (void)context;
    dispatch_blocks = 0;
    dispatched++;
}

static int dispatch(void)
{
    struct sigaction action = {.sa_sigaction = dispatch_handle, .sa_flags = SA_SIGINFO};
    uint64_t sum = 0;

    interfaces_hot(SAMPLED_SURELY);
    CHECK(sigaction(SIGSYS, &action, NULL) == 0);
    if (prctl(DISPATCH, 1L, 0L, 0L, &dispatch_blocks) != 0)
        return 0; /* the kernel has none */
    dispatch_blocks = 1;
    for (uint64_t n = 1; n < 1000000; n++)
        sum += work_step(n);
    CHECK(sum && dispatched == 0 && dispatch_blocks);
    syscall(SYS_getppid);
    CHECK(dispatched == 1 && !dispatch_blocks);
    return 0;
}

/* A filter to which a call is fatal that libc makes for pthread_getattr_np, and no other. */
static void *works(void *unused)
{
    interfaces_hot(10);
    return unused;
}

static int filter_then_threads(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_getaffinity, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {4, steps};
    pthread_t thread;
    pid_t child;
    int status;

    interfaces_hot(SAMPLED_SURELY);
    CHECK((child = fork()) >= 0);
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
            _exit(0);
        if (pthread_create(&thread, NULL, works, NULL) != 0 || pthread_join(thread, NULL) != 0)
            _exit(3);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return 0;
}

/* Who is traced by a parent that waits for its end alone stops at any signal, for good. */
static int traced(bool by_call)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (by_call)
            syscall(SYS_ptrace, (long)PTRACE_TRACEME, 0L, NULL, NULL);
        else
            ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        interfaces_hot(SAMPLED_SURELY);
        _exit(4);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSTOPPED(status))
        kill(child, SIGKILL);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    return 0;
}

static int traces_itself(void)
{
    interfaces_hot(SAMPLED_SURELY);
    return traced(false) || traced(true);
}

/* --- threads ------------------------------------------------------------------------- */

static int c11_routine(void *unused)
{
    (void)unused;
    c11_thread_hot(4 * SAMPLED_SURELY);
    return -7;
}

static int c11_thread(void)
{
    thrd_t thread;
    int result;

    CHECK(thrd_create(&thread, c11_routine, NULL) == thrd_success);
    CHECK(thrd_join(thread, &result) == thrd_success && result == -7);
    return 0;
}

/* --- what is taken away while it runs ---------------------------------------------------- */

static int works_in_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, works, NULL) == 0 && pthread_join(thread, NULL) == 0);
    return 0;
}

/* Nothing more of anything, but for the stack of a thread. */
static int limits_lowered(void)
{
    static const int resources[] = {RLIMIT_NOFILE,     RLIMIT_FSIZE, RLIMIT_MEMLOCK,
                                    RLIMIT_SIGPENDING, RLIMIT_CORE,  RLIMIT_STACK};
    const struct rlimit none = {0, 0}, little = {16u << 20, 16u << 20};

    interfaces_hot(SAMPLED_SURELY);
    CHECK(works_in_thread() == 0);
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
        CHECK(setrlimit(resources[i], &none) == 0);
    CHECK(setrlimit(RLIMIT_AS, &little) == 0 && setrlimit(RLIMIT_DATA, &little) == 0);
    interfaces_hot(SAMPLED_SURELY);
    CHECK(works_in_thread() == 0); /* the stack of the one before is used again */
    return 0;
}

static int not_dumpable(void)
{
    CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    CHECK(works_in_thread() == 0);
    interfaces_hot(SAMPLED_SURELY);
    return 0;
}

/* --- stacks that the program makes ------------------------------------------------------- */

#define FIBER_STACK 4096
static ucontext_t fiber_context, fiber_back;
static volatile uint64_t fiber_sum;

static void fiber_run(void)
{
    for (;;) {
        for (uint64_t n = 1; n < 20000; n++)
            fiber_sum += work_step(n);
        swapcontext(&fiber_context, &fiber_back);
    }
}

/* Fibers with as little as they need, and nothing beneath. */
static int fibers(void)
{
    char *memory =
        mmap(NULL, FIBER_STACK * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(memory != MAP_FAILED && mprotect(memory, FIBER_STACK, PROT_NONE) == 0);
    CHECK(getcontext(&fiber_context) == 0);
    fiber_context.uc_stack.ss_sp = memory + FIBER_STACK;
    fiber_context.uc_stack.ss_size = FIBER_STACK;
    makecontext(&fiber_context, fiber_run, 0);
    for (int i = 0; i < 60; i++)
        CHECK(swapcontext(&fiber_back, &fiber_context) == 0);
    CHECK(fiber_sum > 0);
    return 0;
}

/* --- jumps out of handlers ------------------------------------------------------------- */

static jmp_buf plain_back;
static sigjmp_buf back, inside;
static volatile int jumps;

static void jump_out(int number)
{
    if (sigsetjmp(inside, 0) == 0)
        siglongjmp(inside, 1); /* from a signal stack onto itself */
    jumps++;
    if (number == SIGUSR1)
        siglongjmp(back, 1);
    if (jumps % 4)
        longjmp(plain_back, 1);
    __longjmp_chk(plain_back, 1);
}

static int jump(void)
{
    stack_t stack = {.ss_size = 65536};
    struct sigaction action = {.sa_handler = jump_out, .sa_flags = SA_ONSTACK | SA_NODEFER};

    CHECK((stack.ss_sp = malloc(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGUSR2, &action, NULL) == 0);
    for (int i = 1; i <= 10; i++) {
        if (sigsetjmp(back, 0) == 0)
            raise(SIGUSR1);
        CHECK(jumps == 2 * i - 1 && !kernel_blocks(SIGSTKFLT));
        if (setjmp(plain_back) == 0)
            raise(SIGUSR2);
        CHECK(jumps == 2 * i && !kernel_blocks(SIGSTKFLT));
    }
    interfaces_hot(SAMPLED_SURELY);
    return 0;
}

/* A handler that waits for another signal, on a small signal stack. */
static volatile int woken;

static void wake(int number)
{
    (void)number;
    woken++;
}

static void wait_inside(int number)
{
    sigset_t mask;

    (void)number;
    interfaces_hot(20);
    sigemptyset(&mask);
    kill(getpid(), SIGUSR2); /* blocked: comes in sigsuspend */
    sigsuspend(&mask);
}

static int wait_in_handler(void)
{
    stack_t stack = {.ss_size = getauxval(AT_MINSIGSTKSZ) + 8192};
    struct sigaction waits = {.sa_handler = wait_inside, .sa_flags = SA_ONSTACK};
    struct sigaction wakes = {.sa_handler = wake};

    sigaddset(&waits.sa_mask, SIGUSR2);
    CHECK((stack.ss_sp = malloc(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGUSR1, &waits, NULL) == 0 && sigaction(SIGUSR2, &wakes, NULL) == 0);
    for (int i = 1; i <= 10; i++)
        CHECK(raise(SIGUSR1) == 0 && woken == i);
    return 0;
}

/* --- what programs inherit that it starts ------------------------------------------------ */

/* Without the shim in it: it shows what it was given. */
static char *const shows[] = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL};
static char *const nothing[] = {NULL};

static int started_see(void)
{
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        execve("/nosuch", shows, nothing);
        execve("/usr/bin/grep", shows, nothing);
        _exit(127);
    }
    CHECK(waitpid(child, NULL, 0) == child);
    child = vfork();
    if (child == 0) {
        execve("/usr/bin/grep", shows, nothing);
        _exit(127);
    }
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(posix_spawn(&child, "/usr/bin/grep", NULL, NULL, shows, nothing) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    return 0;
}

static void starts_inside(int number)
{
    (void)number;
    started_see();
}

static int inherited(void)
{
    struct sigaction action = {.sa_handler = starts_inside, .sa_flags = SA_ONSTACK};
    stack_t stack = {.ss_size = 1 << 20};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGSTKFLT);
    CHECK(started_see() == 0);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && started_see() == 0);
    CHECK(signal(SIGSTKFLT, SIG_IGN) == SIG_DFL && started_see() == 0);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && started_see() == 0);
    CHECK(signal(SIGSTKFLT, SIG_DFL) == SIG_IGN);
    CHECK((stack.ss_sp = malloc(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0);
    interfaces_hot(SAMPLED_SURELY);
    return 0;
}

/* What it was started with itself. */
static int view(void)
{
    struct sigaction present;
    sigset_t mask;

    CHECK(sigaction(SIGSTKFLT, NULL, &present) == 0 && sigprocmask(SIG_BLOCK, NULL, &mask) == 0);
    printf("%s, %s\n", present.sa_handler == SIG_IGN ? "ignored" : "default",
           sigismember(&mask, SIGSTKFLT) ? "blocked" : "not blocked");
    return 0;
}

static const struct row rows[] = {
    {"old-functions", old_functions},
    {"old-masks", old_masks},
    {"calls-for-signals", calls_for_signals},
    {"dispatch", dispatch},
    {"filter-then-threads", filter_then_threads},
    {"traces-itself", traces_itself},
    {"c11-thread", c11_thread},
    {"limits-lowered", limits_lowered},
    {"not-dumpable", not_dumpable},
    {"fibers", fibers},
    {"jump", jump},
    {"wait-in-handler", wait_in_handler},
    {"inherited", inherited},
    {"view", view},
};

int main(int argc, char **argv)
{
    if (argc > 1)
        interfaces_hot(50);
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
