/*
 * Events on all CPUs, for whatever runs there.  They need more rights than those
 * on the threads of one process (CAP_PERFMON, or kernel.perf_event_paranoid of 0),
 * and cost nothing when threads are switched: those on threads set the CPU's timer
 * at each switch, which takes a server that waits for requests a tenth of its time
 * or more.
 */
#ifndef SHIM_OUTSIDE_CPUS_H
#define SHIM_OUTSIDE_CPUS_H

#include "shim/outside/pace.h"
#include "shim/outside/ring.h"

struct cpu {
    struct ring ring;
    struct pace pace;
};

struct cpus {
    struct cpu *cpus;
    unsigned count;
};

/*
 * Opens an event on each CPU.  Their descriptors go into `epoll`, with `cpus` as data, and are
 * readable when there is much to read, with `prompt` when there is anything.  0, or a negative
 * errno value and nothing to close.
 */
int cpus_open(struct cpus *cpus, int epoll, bool stacks, bool prompt);
void cpus_close(struct cpus *cpus);

#endif
