/*
 * Threads: the beginning of their sampling and its end, in which rung of the ladder they stand, and
 * how far apart their samples are.
 */
#ifndef SHIM_CORE_LIFE_THREADS_H
#define SHIM_CORE_LIFE_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sampler;
struct thread;

struct threads_settings {
    size_t first_rung; /* the best that may be used, an index of sampler_ladder */
    uint32_t stack_interval;
    uint8_t *signal_stack; /* the first thread's, which is registered already; NULL: none */
    bool in_handler;       /* the first thread starts in a handler, with its signals blocked */
};

/* Before any thread. */
void threads_configure(const struct threads_settings *settings);

/*
 * Starts sampling thread `id` (the calling one or, at start, any other of this
 * process).  Its stack goes from `stack_low` to `stack_high`; 0, 0: not known.  A thread that
 * cannot be sampled is counted as a drop.  Not for handlers.
 */
void thread_start(pid_t id, uint64_t stack_low, uint64_t stack_high);

/* Ends it for the calling thread: no signal of ours arrives afterwards. */
void thread_stop(void);

/*
 * The calling thread's clock stands still while it is held back: its signal stack has no room for a
 * signal frame of ours.  Outside handlers of ours.
 */
void thread_hold_back(bool held_back);

/*
 * Ends the sampling of all threads; their memory stays until they end.  Sampling is paused before
 * (handler_pause), and stays so: a thread that does not leave its handler in time keeps its clock.
 */
void threads_stop_all(void);

/*
 * Opens the events of all threads anew, as the user that the process is now; timers stay.  Sampling
 * is paused before.
 */
void threads_renew(void);

/* Around fork, in the forking thread: its clock stands still meanwhile. */
void threads_fork_begin(void);
void threads_fork_end_parent(void);
/* In the child only the calling thread is left; it is sampled afresh. */
void threads_fork_end_child(void);

/* The rung that the first thread stood on; NULL: on none. */
const struct sampler *threads_sampler(void);
/* What was tried before that rung, and why not: lines. */
const char *threads_sampler_reasons(void);

/*
 * In the handler, after a sample: tells the governor what the thread's clock costs, and takes up
 * the governor's present period, out of step with everything.  Signal-safe.
 */
void thread_keep_pace(struct thread *thread);

#endif
