/* The sample handler: what happens when a sampler's signal arrives (shim/SIGNALS.md). */
#ifndef SHIM_CORE_LIFE_HANDLER_H
#define SHIM_CORE_LIFE_HANDLER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/core/thread/source.h"

struct handler_settings {
    const struct branch_source *source;
    uint32_t stack_interval;   /* samples between two call stacks; 0: none */
    bool has_signal;           /* the signal has a handler of ours already, */
    const void *earlier_timer; /* whose timer's last signals may come yet, with this mark */
    bool (*forward_signal)(int signal, siginfo_t *information, void *context);
};

/* Installs it, once, outside handlers.  False: the application uses the signal. */
bool handler_install(const struct handler_settings *settings);

/*
 * A sample at `context`, in another handler of ours on the calling thread's own signal stack: the
 * one that has started us.  Signal-safe.
 */
void handler_take_first(ucontext_t *context);

/* Changes to another branch source.  Sampling is paused, or the source is the one without branches.
 */
void handler_use_source(const struct branch_source *source);

/* Takes no more call stacks.  Signal-safe. */
void handler_stop_stacks(void);

/* While paused, samples are counted and dropped.  Returns whether they were.  Signal-safe. */
bool handler_pause(bool paused);

#endif
