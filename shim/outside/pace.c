#include "shim/outside/pace.h"

#include "shim/core/governor.h"
#include "shim/core/system_call.h"

#define SAMPLES_A_PACE 16

/* xorshift64* (Vigna): good enough to break step with the program. */
static uint64_t random_next(void)
{
    static uint64_t x;

    if (x == 0)
        x = system_clock(CLOCK_MONOTONIC) | 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

void pace_choose(struct pace *pace)
{
    uint64_t period = governor_period();
    pace->paced_for = period;
    pace->samples = SAMPLES_A_PACE;
    pace->period_ns = period - period / 8 + random_next() % (period / 4 + 1);
}

void pace_keep(struct pace *pace, const struct ring *ring)
{
    if (--pace->samples && pace->paced_for == governor_period())
        return;
    pace_choose(pace);
    ring_pace(ring, pace->period_ns);
}
