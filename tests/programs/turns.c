/* Two threads that wake each other after a little work, some twenty thousand times a second. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/programs/work.h"

#define TURNS 12000

static int ends[2][2];

__attribute__((noinline)) unsigned turns_work(unsigned turn)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 600; i++)
        sum += work_step(turn + i);
    return sum;
}

/* Waits at its own pipe, works, and wakes the other. */
static void *turns_take(void *argument)
{
    const int *own = argument;
    const int *other = own == ends[0] ? ends[1] : ends[0];
    static _Thread_local unsigned sum;
    char byte;

    for (unsigned turn = 0; turn < TURNS && read(own[0], &byte, 1) == 1; turn++) {
        sum += turns_work(turn);
        if (write(other[1], &byte, 1) != 1)
            break;
    }
    return sum ? argument : NULL;
}

int main(void)
{
    pthread_t threads[2];

    if (pipe(ends[0]) != 0 || pipe(ends[1]) != 0)
        return 1;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, turns_take, ends[i]) != 0)
            return 1;
    if (write(ends[0][1], "", 1) != 1)
        return 1;
    for (int i = 0; i < 2; i++) {
        void *result;
        if (pthread_join(threads[i], &result) != 0 || result != ends[i])
            return 1;
    }
    puts("done");
    return 0;
}
