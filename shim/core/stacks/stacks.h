/*
 * Call stacks, taken by libunwind in the sample handler.
 *
 * libunwind gets an address space of our own: its accessors read memory
 * through checked reads, and unwind tables are found in our module snapshot.
 * So it never takes the dynamic linker's lock, never validates addresses
 * through pipes whose descriptors the application may have closed and reused,
 * and shares no cache.  One thread unwinds at a time; others skip theirs.
 */
#ifndef SHIM_CORE_STACKS_STACKS_H
#define SHIM_CORE_STACKS_STACKS_H

#include <stdbool.h>
#include <ucontext.h>

#include "shim/core/pages/pages.h"
#include "shim/core/window/window.h"

/* Sets libunwind up, once, outside handlers.  False: no call stacks will be taken. */
bool stacks_start(void);

/*
 * Unwinds from `context` and adds the stack to the store, which is open; `pages` has begun for the
 * sample.  *callers is set where all of them are known.  Signal-safe.
 */
void stacks_sample(const ucontext_t *context, struct pages *pages, struct callers *callers);

/*
 * Around fork: other threads do not unwind, so that no lock of libunwind is copied held.  One that
 * has begun is waited for, a tenth of a second at most; after that the child unwinds nothing, and
 * each stack that it does not take is counted (PGORAW_COUNT_DROP_STACK_BUSY).
 */
void stacks_fork_begin(void);
void stacks_fork_end_parent(void);
void stacks_fork_end_child(void);

#endif
