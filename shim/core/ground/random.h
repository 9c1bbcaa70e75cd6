/* Random numbers that keep samples out of step with the application.  Signal-safe. */
#ifndef SHIM_CORE_GROUND_RANDOM_H
#define SHIM_CORE_GROUND_RANDOM_H

#include <stdint.h>

/* Source: xorshift64*, Vigna 2016.  *state is never 0. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* `period`, up to an eighth more or less, so that loops in step with the clock are seen fairly. */
static inline uint64_t random_period(uint64_t *state, uint64_t period)
{
    return period - period / 8 + random_next(state) % (period / 4 + 1);
}

#endif
