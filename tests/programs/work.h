/*
 * Work for programs that are to be recorded: functions that burn a given amount
 * of the calling thread's CPU time and can be told apart by name.
 */
#ifndef TESTS_PROGRAMS_WORK_H
#define TESTS_PROGRAMS_WORK_H

#include <stdint.h>
#include <time.h>

static inline int64_t work_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Branchy integer work: the length of a Collatz chain. */
static inline unsigned work_step(uint64_t n)
{
    unsigned length = 0;
    while (n != 1 && length < 1000) {
        n = n & 1 ? 3 * n + 1 : n / 2;
        length++;
    }
    return length;
}

/* Defines `name(milliseconds)`, which works for that much CPU time. */
#define WORK_FUNCTION(name)                                                                        \
    unsigned name(int milliseconds);                                                               \
    __attribute__((noinline)) unsigned name(int milliseconds)                                      \
    {                                                                                              \
        int64_t end = work_clock_ms() + milliseconds;                                              \
        unsigned sum = 0;                                                                          \
        for (uint64_t n = 1; work_clock_ms() < end;)                                               \
            for (unsigned i = 0; i < 2000; i++)                                                    \
                sum += work_step(++n);                                                             \
        return sum;                                                                                \
    }

#endif
