/*
 * Threads created before, while and after others end; one of them blocks every
 * signal, as the workers of servers do.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "tests/programs/work.h"

WORK_FUNCTION(threads_first)
WORK_FUNCTION(threads_second)
WORK_FUNCTION(threads_blocking)
WORK_FUNCTION(threads_exiting)

static void *run_first(void *unused)
{
    threads_first(300);
    return unused;
}

static void *run_second(void *unused)
{
    threads_second(300);
    return unused;
}

static void *run_blocking(void *unused)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    threads_blocking(300);
    return unused;
}

static void *run_exiting(void *unused)
{
    threads_exiting(300);
    pthread_exit(unused);
}

int main(void)
{
    void *(*const routines[])(void *) = {run_first, run_second, run_blocking, run_exiting};
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        if (i == 4)
            pthread_join(threads[0], NULL);
        pthread_create(&threads[i], NULL, routines[i % 4], NULL);
    }
    for (int i = 1; i < 8; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
