/*
 * What an event on a thread costs when the kernel switches to the thread and
 * away from it: its timer is set and cleared, which in virtual machines takes
 * longer than the switch.  Nobody accounts for it, so it is measured on
 * ourselves, and charged by how often the threads were put on a CPU.
 */
#ifndef SHIM_OUTSIDE_SWITCHES_H
#define SHIM_OUTSIDE_SWITCHES_H

#include <stdint.h>
#include <sys/types.h>

struct switch_cost {
    uint64_t running_ns; /* of each time on a CPU, with the clock running */
    uint64_t paused_ns;  /* with the clock standing still */
};

/* Takes some 20 ms.  `period_ns`: between samples.  All 0 where it cannot be measured. */
struct switch_cost switches_measure(uint64_t period_ns);

/* How often the thread was put on a CPU; 0: it has ended, or the kernel does not count.
 * Source: /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst). */
uint64_t switches_count(pid_t process, pid_t thread);

#endif
