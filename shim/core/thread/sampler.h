/*
 * Samplers: what makes a sample happen on a thread.  A sampler sends SHIM_SIGNAL
 * to the thread after each period of its CPU time.  samplers/ladder.h lists them.
 */
#ifndef SHIM_CORE_THREAD_SAMPLER_H
#define SHIM_CORE_THREAD_SAMPLER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgoshim/raw.h"

/* Nobody uses it: the 8087 coprocessor's stack fault, which Linux has never sent. */
#define SHIM_SIGNAL SIGSTKFLT

struct thread;
struct window;

struct sampler {
    enum pgoraw_sampler kind;
    const char *name;

    /* Starts sampling `thread` every `period_ns` of its CPU time.  0 or a negative errno value. */
    int (*thread_start)(struct thread *thread, uint64_t period_ns);
    /* Another period for the calling thread.  Signal-safe.  0 or a negative errno value. */
    int (*thread_pace)(struct thread *thread, uint64_t period_ns);
    /*
     * In the handler: monotonic time at which the sample was due, and, on the rung
     * that has them, its branches (*has_branches) in `window`.  0: not known.
     */
    uint64_t (*sample_due)(struct thread *thread, struct window *window, bool *has_branches);
    /* Ends it; signals already sent may still arrive.  May be called by any thread. */
    void (*thread_stop)(struct thread *thread);
    /* Around fork, in the forking thread: a fork that is interrupted for ever never ends. */
    void (*fork_begin)(struct thread *thread);
    void (*fork_end)(struct thread *thread);
    /* Whether this is one of our own signals.  Signal-safe. */
    bool (*owns)(const siginfo_t *information);
};

#endif
