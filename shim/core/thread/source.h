/*
 * Branch sources: what tells which branches a thread takes around a sample.
 * One of them serves the whole process; the lifecycle picks it at start.
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

    /* Outside handlers, once.  False: it cannot work here, and `why` says so. */
    bool (*start)(char *why, size_t why_size);

    /*
     * In the sample handler, on a thread interrupted at `context`.  Takes the
     * window and commits it, now or in a later signal of the same thread.
     */
    void (*sample)(struct thread *thread, ucontext_t *context);
};

struct window;
struct lookahead;
struct pages;

/*
 * Predicts the branches of a thread that stands still at `context`, of which the registers and
 * the extended state are read.  `pages` has begun for this sample.
 */
void lookahead_window(struct lookahead *lookahead, struct pages *pages, const ucontext_t *context,
                      uint64_t fs_base, struct window *window);

/* What look-ahead's sample does, short of committing the window. */
void lookahead_predict(struct thread *thread, const ucontext_t *context, struct window *window);

extern const struct branch_source branch_source_hardware;
extern const struct branch_source branch_source_lookahead;
extern const struct branch_source branch_source_step;
extern const struct branch_source branch_source_compare; /* a test of look-ahead */
extern const struct branch_source branch_source_off;

#endif
