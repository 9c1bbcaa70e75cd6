/*
 * What the core keeps for each sampled thread: one private mapping, made when the thread starts and
 * gone when it ends, so that handlers allocate nothing.  The thread itself uses it, in handlers and
 * outside; other threads look at `id`, `sampler` and `in_handler`.
 */
#ifndef SHIM_CORE_THREAD_THREAD_H
#define SHIM_CORE_THREAD_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "shim/core/core_interface.h"
#include "shim/core/lookahead/lookahead.h"
#include "shim/core/pages/pages.h"
#include "shim/core/thread/perf_ring.h"
#include "shim/core/thread/sampler.h"
#include "shim/core/window/window.h"

#define THREAD_SIGNAL_STACK_SIZE CORE_SIGNAL_STACK_SIZE

struct thread {
    pid_t id;
    const struct sampler *sampler; /* NULL: not sampled (any more) */
    bool given_up;                 /* by ourselves; a forked child is sampled again */
    struct perf_ring ring;         /* the perf rungs' */
    struct ring_sample ring_sample;
    bool has_branches;      /* the sample came with a branch stack, and it is in `window` */
    struct callers callers; /* of the sample */
    int timer;              /* the POSIX timer rung's */
    uint64_t timer_period_ns;
    uint64_t period_ns; /* CPU time between samples: the governor's, up to an eighth more or less */
    uint64_t paced_for; /* the governor's period, when that was chosen */

    uint32_t in_handler;
    uint64_t handler_left_ns; /* monotonic time when the handler was last left */
    uint64_t random_state;
    uint32_t samples_to_stack; /* samples until a call stack is taken */
    uint32_t samples_to_pace;  /* samples until the period changes */
    uint32_t samples_to_count; /* samples until the governor hears of its switches */
    uint64_t sampled_ns;       /* CPU time that samples have credited since it last did */
    /* Of its whole life, when it last did. */
    uint64_t switches, cpu_ns, system_ns;

    /* The thread's own stack, lowest and highest address; 0, 0: not known. */
    uint64_t stack_low, stack_high;

    uint64_t step_deadline; /* instructions left in the window being stepped; 0: none */
    uint64_t step_previous; /* the instruction stepped last */

    struct window window;
    struct pages pages;
    struct window predicted; /* the compare source's */
    struct lookahead lookahead;

    uint8_t *signal_stack; /* THREAD_SIGNAL_STACK_SIZE bytes, with a guard page beneath */
    bool held_back;        /* the application's signal stack has no room for a signal frame */
};

_Static_assert(sizeof(struct thread) <= 2u << 20, "a thread's memory is promised to be bounded");

/* Such a mapping, zeroed.  NULL: there is no memory.  Outside handlers. */
struct thread *thread_make(void);
void thread_free(struct thread *thread);

#endif
