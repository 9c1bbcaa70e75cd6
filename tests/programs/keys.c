/*
 * Memory behind protection keys while the program is sampled, one situation a row.  Where the CPU
 * has no keys, or the kernel gives none, the memory is plain.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(keys_hot)

#define PAGE 4096u
#define STACK_SIZE (1u << 18)

static int key = -1; /* -1: there is none here */

static void key_close(int rights)
{
    if (key >= 0)
        pkey_set(key, rights);
}

/* `size` bytes behind the key, which is open. */
static char *memory_behind_key(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (key >= 0 && (pkey_mprotect(memory, size, PROT_READ | PROT_WRITE, key) != 0))
        return NULL;
    return memory;
}

/* A part of the thread's own stack is closed, and read all the same: the program has a handler for
 * that. */
static sigjmp_buf back;
static volatile unsigned faults;

static void fault_leave(int signal)
{
    (void)signal;
    faults++;
    siglongjmp(back, 1);
}

static __attribute__((noinline)) int closed_work(volatile char *page)
{
    volatile unsigned tries = 0;
    for (int64_t end = work_clock_ms() + row_milliseconds; work_clock_ms() < end; tries++) {
        volatile unsigned sum = 0;
        for (unsigned n = 1; n < 2000; n++)
            sum += n * n;
        if (sigsetjmp(back, 1) == 0) {
            sum += (unsigned)page[sum % 64];
            return -1; /* it could be read */
        }
    }
    return tries == faults ? 0 : 1;
}

static int own_stack_closed(void)
{
    struct sigaction action = {.sa_handler = fault_leave};
    char room[3 * PAGE];
    char *page = (char *)(((uintptr_t)room + PAGE - 1) / PAGE * PAGE);
    int result;

    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    memset(room, 1, sizeof(room));
    CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
    result = closed_work(page);
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    CHECK(result == 0);
    if (key < 0)
        return 0;
    faults = 0;
    CHECK(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key) == 0);
    key_close(PKEY_DISABLE_ACCESS);
    result = closed_work(page);
    CHECK(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, 0) == 0);
    CHECK(result == 0);
    return 0;
}

/* The main thread's stack is behind the key, all of it that is used. */
static int main_stack_behind(void)
{
    char *here = __builtin_frame_address(0);
    char *low = (char *)((uintptr_t)here / PAGE * PAGE) - 50 * PAGE;
    size_t size = 51 * PAGE;
    volatile char touched[60 * PAGE];

    memset((char *)touched, 0, sizeof(touched));
    if (key >= 0)
        CHECK(pkey_mprotect(low, size, PROT_READ | PROT_WRITE, key) == 0);
    keys_hot(row_milliseconds);
    if (key >= 0)
        CHECK(pkey_mprotect(low, size, PROT_READ | PROT_WRITE, 0) == 0);
    return 0;
}

/* A context and a thread whose stacks are behind the key. */
static void *works(void *unused)
{
    keys_hot(row_milliseconds);
    return unused;
}

static void context_works(void)
{
    keys_hot(row_milliseconds);
}

static int stack_behind(void)
{
    ucontext_t here, there;
    pthread_attr_t attributes;
    pthread_t thread;
    char *stack = memory_behind_key(STACK_SIZE);

    CHECK(stack && getcontext(&there) == 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = STACK_SIZE;
    there.uc_link = &here;
    makecontext(&there, context_works, 0);
    CHECK(swapcontext(&here, &there) == 0);
    CHECK(pthread_attr_init(&attributes) == 0 &&
          pthread_attr_setstack(&attributes, stack, STACK_SIZE) == 0);
    CHECK(pthread_create(&thread, &attributes, works, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}

/* A signal stack behind the key, which is closed, or open to be read alone, while the program
 * works. */
static int signal_stack_behind(int rights)
{
    stack_t stack = {.ss_sp = memory_behind_key(STACK_SIZE), .ss_size = STACK_SIZE};

    CHECK(stack.ss_sp && sigaltstack(&stack, NULL) == 0);
    key_close(rights);
    keys_hot(row_milliseconds);
    return 0;
}

static int signal_stack_closed(void)
{
    return signal_stack_behind(PKEY_DISABLE_ACCESS);
}

static int signal_stack_for_reading(void)
{
    return signal_stack_behind(PKEY_DISABLE_WRITE);
}

/* Code that can be executed and not read. */
static int execute_only(void)
{
    static const unsigned char code[] = {
        0x31, 0xc0,                   /* xor %eax, %eax */
        0xb9, 0x10, 0x27, 0x00, 0x00, /* mov $10000, %ecx */
        0x01, 0xc8,                   /* 1: add %ecx, %eax */
        0xff, 0xc9,                   /* dec %ecx */
        0x75, 0xfa,                   /* jnz 1b */
        0xc3,                         /* ret */
    };
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned (*function)(void);

    CHECK(memory != MAP_FAILED);
    memcpy(memory, code, sizeof(code));
    CHECK(mprotect(memory, PAGE, PROT_EXEC) == 0);
    *(void **)&function = memory;
    for (int64_t end = work_clock_ms() + row_milliseconds; work_clock_ms() < end;)
        CHECK(function() == 50005000);
    return 0;
}

/* Threads, each of which has the key closed or open in turns, and reads what is behind it. */
static volatile unsigned *secret;

static void *opens_and_closes(void *first)
{
    unsigned turn = *(unsigned *)first;
    uintptr_t wrong = 0;

    for (int64_t end = work_clock_ms() + row_milliseconds; work_clock_ms() < end; turn++) {
        key_close(turn % 2 ? PKEY_DISABLE_WRITE : 0);
        for (unsigned i = 0; i < 200; i++)
            wrong += secret[i] != i * 3;
        key_close(PKEY_DISABLE_ACCESS);
        for (unsigned n = 2; n < 200; n++)
            wrong += work_step(n) == 0;
    }
    return (void *)wrong;
}

static int threads_differ(void)
{
    static unsigned firsts[] = {0, 1, 0};
    pthread_t threads[2];
    void *wrong;

    CHECK((secret = (unsigned *)memory_behind_key(PAGE)));
    for (unsigned i = 0; i < 200; i++)
        secret[i] = i * 3;
    CHECK(opens_and_closes(&firsts[2]) == NULL);
    for (unsigned i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, opens_and_closes, &firsts[i]) == 0);
    for (unsigned i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], &wrong) == 0 && wrong == NULL);
    return 0;
}

static const struct row rows[] = {
    {"own-stack-closed", own_stack_closed},
    {"main-stack-behind", main_stack_behind},
    {"stack-behind", stack_behind},
    {"signal-stack-closed", signal_stack_closed},
    {"signal-stack-for-reading", signal_stack_for_reading},
    {"execute-only", execute_only},
    {"threads-differ", threads_differ},
};

int main(int argc, char **argv)
{
    key = pkey_alloc(0, 0);
    if (argc > 1)
        keys_hot(30);
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
