/*
 * The samplers that there are (thread/sampler.h says what each offers): the rungs of one ladder,
 * tried from the best down; a thread stands on the first that holds.
 */
#ifndef SHIM_CORE_SAMPLERS_LADDER_H
#define SHIM_CORE_SAMPLERS_LADDER_H

#include "shim/core/thread/sampler.h"

/* perf_event clocks of user code: CPU cycles with branch stacks, CPU cycles, the software clock. */
extern const struct sampler sampler_perf_branches, sampler_perf_cycles, sampler_perf_clock;

/*
 * POSIX timers, which need a kernel that spares system calls (ground/kernel_version.h) where
 * another clock would do; switches between threads cost nothing more.
 */
extern const struct sampler sampler_posix_timer;

/* Best first, constant.  The first gives branch stacks. */
extern const struct sampler *const sampler_ladder[];
extern const size_t sampler_ladder_length;

#endif
