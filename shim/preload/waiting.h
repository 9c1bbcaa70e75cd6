/*
 * The time before the recorder is worth its start.
 *
 * Most processes live for a few milliseconds, and the core, its file and its clock cost about one.
 * So the constructor arms a POSIX timer on CPU time, and no more: the kernel looks at it at its
 * ticks, and each tick that finds the process in user code is taken with a probability of tick over
 * WAITING_PERIOD, whatever came before.  The first that is taken starts the core, in the handler,
 * and is its first sample.  So no part of a process's life is seen less often than others, and the
 * samples of short processes come as often for their CPU time as those of long ones.
 *
 * As long as the core waits, a table of functions stands for it, and everything that the core must
 * know of starts it at once: threads, changes of rights, signal stacks, userfaultfd.
 */
#ifndef SHIM_PRELOAD_WAITING_H
#define SHIM_PRELOAD_WAITING_H

#include <stdbool.h>

#include "shim/core/core_interface.h"

/* CPU time in which one start is expected, at a budget of 1 %; in proportion less at more. */
#define WAITING_PERIOD_NS 16000000.0

/*
 * In the constructor: waits, or starts the core at once in the command of pgo-record, where the
 * budget pays for it, or where the kernel's timers interrupt system calls.  `host` stays.
 * Interposers see the core from here on.
 */
void waiting_begin(struct core_host *host);

/* Whether the process is recorded, or will be when it has used some CPU time. */
bool waiting_is_recorded(void);

/* Starts the core now, unless it has begun.  Outside handlers. */
void waiting_end(void);

/*
 * The share of ticks, `tick_ns` apart, that are taken, in 1/2^32, at a budget of `percent` of CPU
 * time and at most `rate` samples a second.  UINT32_MAX: the core is to be started at once.
 */
uint32_t waiting_share(double percent, uint32_t rate, uint64_t tick_ns);

#endif
