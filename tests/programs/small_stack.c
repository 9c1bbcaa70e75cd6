/*
 * small_stack WHAT: on a stack of 16 KiB with a guard page beneath, as coroutines have it, makes
 * the first call of the program that starts the recorder.  Prints "done", and how much of it was
 * used goes to standard error.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096
#define STACK_SIZE 16384
#define PAINT 0x5a

static ucontext_t outside, coroutine;
static bool (*what)(void);
static bool done;

static void *nothing(void *unused)
{
    return unused;
}

static bool makes_a_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool gets_a_signal_stack(void)
{
    static char memory[1 << 16];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
    return sigaltstack(&stack, NULL) == 0;
}

static bool sets_its_user(void)
{
    return setuid(getuid()) == 0;
}

static bool leaves_what_it_shares(void)
{
    return unshare(CLONE_FILES) == 0;
}

static void run(void)
{
    done = what();
}

static const struct {
    const char *name;
    bool (*run)(void);
} calls[] = {{"thread", makes_a_thread},
             {"signal-stack", gets_a_signal_stack},
             {"user", sets_its_user},
             {"unshare", leaves_what_it_shares}};

static size_t bytes_used(const char *stack)
{
    size_t unused = 0;
    while (unused < STACK_SIZE && stack[unused] == PAINT)
        unused++;
    return STACK_SIZE - unused;
}

int main(int argc, char **argv)
{
    char *memory =
        mmap(NULL, PAGE + STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *stack = memory + PAGE;

    for (size_t i = 0; argc > 1 && i < sizeof(calls) / sizeof(calls[0]); i++)
        what = strcmp(argv[1], calls[i].name) == 0 ? calls[i].run : what;
    if (!what || memory == MAP_FAILED || mprotect(memory, PAGE, PROT_NONE) != 0 ||
        getcontext(&coroutine) != 0)
        return 2;
    memset(stack, PAINT, STACK_SIZE);
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = STACK_SIZE;
    coroutine.uc_link = &outside;
    makecontext(&coroutine, run, 0);
    if (swapcontext(&outside, &coroutine) != 0)
        return 2;
    fprintf(stderr, "%zu bytes of stack\n", bytes_used(stack));
    puts(done ? "done" : "failed");
    return done ? 0 : 1;
}
