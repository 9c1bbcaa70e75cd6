/*
 * The application's signal stacks, and its handlers that ask for one (SA_ONSTACK): both have what
 * they had without us.
 *
 * A handler must not find a second signal frame, ours, beneath it on a stack that the application
 * has sized for itself: our signal is blocked while it runs, and the sample comes right after.  And
 * it must not run on a signal stack of ours: as long as the application has no signal stack,
 * SA_ONSTACK is kept from the kernel, so that the handler runs on the thread's own stack.  With the
 * first signal stack of its own it gets the flag back, and ours are withdrawn in all threads.
 * The application reads back what it has set.
 */
#ifndef SHIM_PRELOAD_SIGNAL_STACKS_H
#define SHIM_PRELOAD_SIGNAL_STACKS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef int sigaction_function(int, const struct sigaction *, struct sigaction *);

/* sigaction, of a signal that is not ours, by `next`. */
int handlers_change(sigaction_function *next, int signal, const struct sigaction *wanted,
                    struct sigaction *old);

/* After signal(2) has set a handler, which asks for no signal stack. */
void handler_forget(int signal);

/* Does the same with what was set before the core was there. */
void handlers_adopt(void);

/* Before the sampling ends for good by a filter: the kernel gets everything as the application set
 * it. */
void handlers_release(void);

/*
 * Whether this is a child that no fork handler has seen: it may share this memory, but has signals
 * of its own, so that what it sets must not be noted.
 */
bool signals_of_copy(void);

/* Whether the calling code runs on the signal stack that the application has registered for this
 * thread, and whether an address lies in it. */
bool signal_stack_in_use(void);
bool signal_stack_holds(uintptr_t address);

/* Whether our signal is in the mask of handlers: because of us, or because of the application. */
bool handlers_block_for_us(void);
bool handlers_block_themselves(void);

#endif
