/*
 * Single-stepping a thread by the CPU's trap flag: exact, and dear (a signal an
 * instruction).  For tests: the step source records by it, the compare source
 * holds look-ahead against it.  A window ends before a system call, so that no
 * mask or handler can change while the flag is set.
 *
 * All but stepping_start is signal-safe.
 */
#ifndef SHIM_CORE_BRANCH_STEPPING_H
#define SHIM_CORE_BRANCH_STEPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

#include "pgoshim/raw.h"

struct thread;
struct window;

/*
 * Takes SIGTRAP for stepping; `ended` is called in its handler when a window has
 * ended, with why, the thread being about to go on at `context`.
 * False: SIGTRAP is in use, or memory cannot be read; `why` says so.
 */
bool stepping_start(void (*ended)(struct thread *thread, const ucontext_t *context,
                                  enum pgoraw_counter stop),
                    char *why, size_t why_size);

/*
 * In the sample handler: steps the thread for up to `instructions`, adding the
 * branches it takes to thread->window, which the caller has begun.
 */
void stepping_begin(struct thread *thread, ucontext_t *context, uint32_t instructions);

/*
 * Whether what stands at `address` may be stepped; else *stop is what a window ends by there.  With
 * stepping_follow, for whoever steps by other means.
 */
bool stepping_may(uint64_t address, enum pgoraw_counter *stop);

enum stepping {
    STEPPING_DONE,     /* the instruction */
    STEPPING_REPEATED, /* a round of it, and another comes */
    STEPPING_LOST,     /* something else came between; *stop says what the window ends by */
};

/* What the step from `before` to `address` was; a branch that it took goes to the window. */
enum stepping stepping_follow(struct window *window, uint64_t before, uint64_t address,
                              enum pgoraw_counter *stop);

/* Whether SIGTRAP was taken. */
bool stepping_started(void);

/* Whether the thread is being stepped. */
bool stepping_active(const struct thread *thread);

#endif
