/*
 * What an event costs the thread that it samples, beside our own CPU time: the
 * interrupt when its clock expires; and for an event on a thread the setting and
 * clearing of its timer whenever the kernel switches to the thread and away from it,
 * which in virtual machines takes longer than the switch.  Nobody accounts for it, so
 * it is measured on ourselves.
 */
#ifndef SHIM_OUTSIDE_COSTS_H
#define SHIM_OUTSIDE_COSTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct event_costs {
    uint64_t expiry_ns;
    uint64_t switch_ns;        /* of each time on a CPU, with the clock running */
    uint64_t paused_switch_ns; /* with the clock standing still */
};

/* Takes some 20 ms.  What cannot be measured is 0, but for the expiry. */
struct event_costs costs_measure(uint64_t period_ns, bool stacks);

/* How often the thread was put on a CPU; 0: it has ended, or the kernel does not count.
 * Source: /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst). */
uint64_t switches_count(pid_t process, pid_t thread);

#endif
