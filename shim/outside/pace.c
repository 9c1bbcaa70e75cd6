#include "shim/outside/pace.h"

#include "shim/core/budget/governor.h"
#include "shim/core/ground/random.h"
#include "shim/core/ground/system_call.h"

#define SAMPLES_A_PACE 16

void pace_choose(struct pace *pace)
{
    static uint64_t random;
    uint64_t period = governor_period();

    if (random == 0)
        random = system_clock(CLOCK_MONOTONIC) | 1;
    pace->paced_for = period;
    pace->samples = SAMPLES_A_PACE;
    pace->period_ns = random_period(&random, period);
}

void pace_keep(struct pace *pace, const struct ring *ring)
{
    if (--pace->samples && pace->paced_for == governor_period())
        return;
    pace_choose(pace);
    ring_pace(ring, pace->period_ns);
}
