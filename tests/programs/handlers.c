/*
 * Signal handlers and the stacks that they run on, and the CPU's own switches, one situation a row.
 */
#include <asm/prctl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(handlers_hot)

#define PAGE 4096u
#define SET_MDWE 65      /* PR_SET_MDWE, where the headers have it */
#define DISARM INT32_MIN /* SS_AUTODISARM, the same */
#define MORE_THAN_OURS (1u << 20)

static volatile int handled;
static volatile size_t wanted_room; /* bytes of stack that the handler writes */
static volatile int handler_work;   /* milliseconds */
static volatile uintptr_t handler_stack;

static void handler(int signal)
{
    volatile char *room = __builtin_alloca(wanted_room + 1);
    (void)signal;
    for (size_t i = 0; i < wanted_room; i += 512)
        room[i] = 1;
    handler_stack = (uintptr_t)room;
    handlers_hot(handler_work);
    for (size_t i = 0; i < wanted_room; i += 512)
        room[i]++;
    handled++;
}

static int handler_set(int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    return sigaction(SIGUSR1, &action, NULL);
}

/* Memory that ends at a page without access beneath it. */
static char *guarded(size_t size)
{
    size_t whole = (size + PAGE - 1) / PAGE * PAGE;
    char *memory =
        mmap(NULL, whole + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, PAGE, PROT_NONE) != 0)
        return NULL;
    return memory + PAGE;
}

/* A signal stack that has room for one frame and what the handler needs, and not for another. */
static int one_frame(void)
{
    size_t size = getauxval(AT_MINSIGSTKSZ) + 640;
    stack_t stack = {.ss_size = size < 2048 ? 2048 : size};

    CHECK((stack.ss_sp = guarded(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(handler_set(SA_ONSTACK) == 0);
    handler_work = row_milliseconds;
    CHECK(raise(SIGUSR1) == 0 && handled == 1);
    CHECK(handler_stack - (uintptr_t)stack.ss_sp < stack.ss_size);
    handler_work = 1;
    for (int i = 0; i < 200; i++)
        CHECK(raise(SIGUSR1) == 0);
    handlers_hot(row_milliseconds);
    return 0;
}

/* The same by a stack that holds no frame of ours beside the program's data: as small as allowed.
 */
static int smallest(void)
{
    stack_t stack = {.ss_size = 2048}, present;

    handlers_hot(row_milliseconds);
    CHECK((stack.ss_sp = guarded(stack.ss_size)));
    if (sigaltstack(&stack, NULL) != 0) /* the kernel knows that it is too small */
        return 0;
    handlers_hot(row_milliseconds);
    CHECK(sigaltstack(NULL, &present) == 0 && present.ss_sp == stack.ss_sp);
    stack.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&stack, NULL) == 0);
    handlers_hot(row_milliseconds);
    return 0;
}

/* SA_ONSTACK in a program without a signal stack: the handler has the thread's own. */
static int no_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    struct sigaction present;

    CHECK(handler_set(SA_ONSTACK | SA_RESTART) == 0);
    wanted_room = MORE_THAN_OURS;
    handler_work = row_milliseconds;
    CHECK(raise(SIGUSR1) == 0 && handled == 1);
    CHECK(here - handler_stack < 2 * MORE_THAN_OURS);
    CHECK(sigaction(SIGUSR1, NULL, &present) == 0);
    CHECK(present.sa_handler == handler && (present.sa_flags & SA_ONSTACK) &&
          (present.sa_flags & SA_RESTART) && !sigismember(&present.sa_mask, SIGSTKFLT));
    return 0;
}

static pthread_barrier_t meeting;

static void *works_then_handles(void *unused)
{
    (void)unused;
    handlers_hot(row_milliseconds);
    pthread_barrier_wait(&meeting);
    handlers_hot(row_milliseconds); /* with the first thread's signal stack registered */
    raise(SIGUSR1);
    return NULL;
}

static void *handles(void *unused)
{
    raise(SIGUSR1);
    return unused;
}

/* One thread has a signal stack, and others, older and younger, have none. */
static int stack_of_another(void)
{
    stack_t stack = {.ss_size = 65536}, present;
    pthread_t older, younger;

    pthread_barrier_init(&meeting, NULL, 2);
    CHECK(handler_set(SA_ONSTACK) == 0);
    CHECK(pthread_create(&older, NULL, works_then_handles, NULL) == 0);
    handlers_hot(row_milliseconds);
    CHECK((stack.ss_sp = guarded(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(raise(SIGUSR1) == 0 && handled == 1);
    CHECK(handler_stack - (uintptr_t)stack.ss_sp < stack.ss_size);
    wanted_room = MORE_THAN_OURS;
    pthread_barrier_wait(&meeting);
    CHECK(pthread_join(older, NULL) == 0 && handled == 2);
    CHECK(pthread_create(&younger, NULL, handles, NULL) == 0);
    CHECK(pthread_join(younger, NULL) == 0 && handled == 3);
    stack.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE));
    CHECK(raise(SIGUSR1) == 0 && handled == 4);
    return 0;
}

static volatile int mask_is_right;

static void mask_look(int signal)
{
    sigset_t mask, all;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    mask_is_right = sigismember(&mask, signal) && !sigismember(&mask, SIGSTKFLT) &&
                    !sigismember(&mask, SIGUSR2);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    handlers_hot(50);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    handlers_hot(50);
}

/* What a handler on a small stack reads and sets as its mask. */
static int masks(void)
{
    stack_t stack = {.ss_size = getauxval(AT_MINSIGSTKSZ) + 1500};
    struct sigaction action = {.sa_handler = mask_look, .sa_flags = SA_ONSTACK}, present;

    /* Binding a name at its first call takes stack for all registers, which AVX-512 has many of. */
    mask_look(SIGUSR1);
    CHECK((stack.ss_sp = guarded(stack.ss_size)) && sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0 && mask_is_right);
    CHECK(sigaction(SIGUSR1, NULL, &present) == 0 && !sigismember(&present.sa_mask, SIGSTKFLT));
    sigaddset(&action.sa_mask, SIGSTKFLT);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(sigaction(SIGUSR1, NULL, &present) == 0 && sigismember(&present.sa_mask, SIGSTKFLT));
    return 0;
}

/* A child that shares memory sets signals of its own. */
static int shared_child(void)
{
    struct sigaction present;
    stack_t stack = {.ss_size = 65536};
    int status;
    pid_t child;

    CHECK(handler_set(SA_ONSTACK) == 0 && (stack.ss_sp = guarded(stack.ss_size)));
    CHECK(signal(SIGSTKFLT, SIG_IGN) == SIG_DFL);
    child = vfork();
    if (child == 0) {
        struct sigaction none = {.sa_handler = SIG_DFL};
        for (int i = 1; i < NSIG; i++)
            sigaction(i, &none, NULL);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGUSR1, NULL, &present) == 0 && (present.sa_flags & SA_ONSTACK));
    CHECK(sigaction(SIGSTKFLT, NULL, &present) == 0 && present.sa_handler == SIG_IGN);
    CHECK(raise(SIGUSR1) == 0 && handler_stack - (uintptr_t)stack.ss_sp < stack.ss_size);
    handlers_hot(row_milliseconds);
    return 0;
}

/* A signal stack that is none while its handler runs (SS_AUTODISARM), which may set another. */
static stack_t found_inside;

static void handler_sets_another(int signal)
{
    static char memory[1 << 16];
    const stack_t another = {.ss_sp = memory, .ss_size = sizeof(memory)};

    (void)signal;
    sigaltstack(NULL, &found_inside);
    handlers_hot(handler_work);
    sigaltstack(&another, NULL);
    handlers_hot(handler_work);
    handled++;
}

static int disarmed(void)
{
    const size_t size = 1 << 16;
    struct sigaction action = {.sa_handler = handler_sets_another, .sa_flags = SA_ONSTACK};
    stack_t present, stack = {.ss_sp = guarded(size), .ss_size = size, .ss_flags = DISARM};

    handler_work = row_milliseconds / 20;
    CHECK(stack.ss_sp && sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(sigaltstack(&stack, NULL) == 0);
    for (int i = 1; i <= 10; i++) {
        CHECK(raise(SIGUSR1) == 0 && handled == i && found_inside.ss_flags & SS_DISABLE);
        CHECK(sigaltstack(NULL, &present) == 0 && present.ss_sp == stack.ss_sp);
        CHECK(present.ss_size == size && present.ss_flags == DISARM);
    }
    return 0;
}

/* Alignment checks are on: an unaligned access raises SIGBUS. */
static int alignment(void)
{
    volatile unsigned sum = 0;

    __asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq" : : : "memory", "cc");
    for (unsigned round = 0; round < 1000; round++)
        for (uint64_t n = 1; n < 1000; n++)
            sum += work_step(n);
    __asm__ volatile("pushfq\n\tandl $0xfffbffff, (%%rsp)\n\tpopfq" : : : "memory", "cc");
    return sum == 42;
}

/* rdtsc is forbidden: it raises SIGSEGV, in the vdso too. */
static int time_stamps(void)
{
    handlers_hot(row_milliseconds / 2);
    CHECK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) == 0);
    handlers_hot(row_milliseconds);
    return 0;
}

/* Memory behind a key that is open, closed, and behind the stack of a handler. */
static int protection_keys(void)
{
    size_t count = (1u << 20) / sizeof(size_t);
    size_t *chain =
        mmap(NULL, 1u << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t at = 0, sum = 0;
    int64_t end;
    int key = pkey_alloc(0, 0);

    CHECK(chain != MAP_FAILED);
    for (size_t i = 0; i < count; i++)
        chain[i] = (i * 7919 + 13) % count;
    if (key >= 0) /* else the CPU has none, and the memory is plain */
        CHECK(pkey_mprotect(chain, 1u << 20, PROT_READ | PROT_WRITE, key) == 0 &&
              pkey_set(key, 0) == 0);
    for (end = work_clock_ms() + row_milliseconds; work_clock_ms() < end;)
        for (unsigned i = 0; i < 100000; i++)
            sum += at = chain[at];
    if (key >= 0)
        CHECK(pkey_set(key, PKEY_DISABLE_ACCESS) == 0);
    handlers_hot(row_milliseconds);
    return sum == 42;
}

/* Code of another system, with a thread block of its own: libc's variables are not there. */
static int thread_block(void)
{
    char *other = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned long present = 0;
    uint64_t sum = 0;
    long result;

    CHECK(other != MAP_FAILED && mprotect(other + PAGE, PAGE, PROT_READ) == 0);
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &present) == 0);
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((long)SYS_arch_prctl), "D"((long)ARCH_SET_FS), "S"(other + PAGE)
                     : "rcx", "r11", "memory");
    for (uint64_t n = 1; n < 1000000; n++)
        sum += work_step(n);
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((long)SYS_arch_prctl), "D"((long)ARCH_SET_FS), "S"(present)
                     : "rcx", "r11", "memory");
    CHECK(sum > 0);
    return 0;
}

/* Memory that is writable may never become code. */
static int no_new_code(void)
{
    prctl(SET_MDWE, 1 /* refuse */, 0, 0, 0); /* since Linux 6.3 */
    handlers_hot(row_milliseconds);
    return 0;
}

static const struct row rows[] = {
    {"one-frame", one_frame},
    {"smallest", smallest},
    {"no-stack", no_stack},
    {"stack-of-another", stack_of_another},
    {"masks", masks},
    {"shared-child", shared_child},
    {"disarmed", disarmed},
    {"alignment", alignment},
    {"time-stamps", time_stamps},
    {"protection-keys", protection_keys},
    {"thread-block", thread_block},
    {"no-new-code", no_new_code},
};

int main(int argc, char **argv)
{
    if (argc > 1)
        handlers_hot(50); /* and libc's functions are bound, which takes a stack */
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
