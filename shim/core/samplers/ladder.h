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
 * POSIX timers.  Kernels from 5.10 on look at them when they go back to user code, so that they
 * interrupt no system call; and switches between threads cost nothing more.
 */
extern const struct sampler sampler_posix_timer;

/* Whether this kernel's POSIX timers interrupt no system call.  Outside handlers. */
bool posix_timer_spares_system_calls(void);

/* Best first, constant.  The first gives branch stacks. */
extern const struct sampler *const sampler_ladder[];
extern const size_t sampler_ladder_length;

#endif
