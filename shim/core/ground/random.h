/*
 * Random numbers that keep samples out of step with the application.  Any room of the shim
 * calls this.  Signal-safe, allocates nothing.
 */
#ifndef SHIM_CORE_GROUND_RANDOM_H
#define SHIM_CORE_GROUND_RANDOM_H

#include <stdint.h>

/* xorshift64* (Vigna, 2016): fast, and good enough for that.  `state` is never 0. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* `period`, an eighth more or less: loops in step with the clock are seen fairly. */
static inline uint64_t random_period(uint64_t *state, uint64_t period)
{
    return period - period / 8 + random_next(state) % (period / 4 + 1);
}

#endif
