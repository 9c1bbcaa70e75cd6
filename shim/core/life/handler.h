/*
 * The sample handler: what happens when a sampler's signal arrives.
 */
#ifndef SHIM_CORE_LIFE_HANDLER_H
#define SHIM_CORE_LIFE_HANDLER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/core/thread/source.h"

struct handler_settings {
    const struct branch_source *source;
    uint32_t stack_interval; /* samples between two call stacks; 0: none */
    bool (*forward_signal)(int signal, siginfo_t *information, void *context);
};

/* Installs it.  False: the signal is in use by the application. */
bool handler_install(const struct handler_settings *settings);

/* Another branch source, once the sampler's rung is known. */
void handler_use_source(const struct branch_source *source);

/* No more call stacks. */
void handler_stop_stacks(void);

/* While paused, samples are counted and dropped. */
void handler_pause(bool paused);

#endif
