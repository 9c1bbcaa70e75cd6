/*
 * Branch sources: what tells which branches a thread takes around a sample.
 * branch/sources.h lists them.
 */
#ifndef SHIM_CORE_THREAD_SOURCE_H
#define SHIM_CORE_THREAD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

#include "pgoshim/raw.h"

struct thread;

struct branch_source {
    enum pgoraw_branch_source kind;
    const char *name;

    /* Outside handlers, once.  False: it cannot work here, and `why` (`why_size` bytes) says so. */
    bool (*start)(char *why, size_t why_size);

    /*
     * In the sample handler, on a thread interrupted at `context`.  Takes the
     * window and commits it, now or in a later signal of the same thread.  Signal-safe.
     */
    void (*sample)(struct thread *thread, ucontext_t *context);
};

#endif
