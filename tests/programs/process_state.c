/*
 * Prints what a program can see of its own process: descriptors, signal
 * dispositions, masks and signal stack, at the start, after work, in a thread,
 * and in a program that it execs.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/programs/work.h"

WORK_FUNCTION(process_state_hot)

static void print_state(const char *where)
{
    sigset_t mask;
    stack_t stack;

    printf("%s\n", where);
    for (int descriptor = 0; descriptor < 4096; descriptor++)
        if (fcntl(descriptor, F_GETFD) >= 0)
            printf("  descriptor %d\n", descriptor);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            printf("  signal %d: %s\n", number,
                   action.sa_handler == SIG_IGN ? "ignored" : "handled");
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&mask, number) == 1)
            printf("  blocked %d\n", number);
    sigaltstack(NULL, &stack);
    printf("  signal stack: %s\n", stack.ss_flags & SS_DISABLE ? "none" : "set");
}

static void *in_thread(void *unused)
{
    process_state_hot(100);
    print_state("in a thread");
    return unused;
}

static void do_nothing(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    sigset_t all, old;
    pthread_t thread;

    if (argc > 1 && strcmp(argv[1], "again") == 0) {
        print_state("after exec");
        return 0;
    }
    print_state("at the start");
    process_state_hot(100);
    print_state("after work");
    signal(SIGSTKFLT, do_nothing);
    signal(SIGUSR1, SIG_IGN);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    print_state("all blocked");
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    print_state("unblocked");
    signal(SIGSTKFLT, SIG_DFL);
    fflush(stdout);
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    return 1;
}
