/*
 * The time between the samples of one event: the governor's, an eighth more or
 * less, so that loops in step with the clock are seen fairly.
 */
#ifndef SHIM_OUTSIDE_PACE_H
#define SHIM_OUTSIDE_PACE_H

#include <stdint.h>

#include "shim/outside/ring.h"

struct pace {
    uint64_t period_ns; /* between samples, as the event has it */
    uint64_t paced_for; /* the governor's period that it was taken from */
    uint32_t samples;   /* until it changes */
};

/* Chooses a period, for an event that is about to be opened. */
void pace_choose(struct pace *pace);

/* After a sample: takes up the governor's present period where that is due. */
void pace_keep(struct pace *pace, const struct ring *ring);

#endif
