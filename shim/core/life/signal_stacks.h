/*
 * Signal stacks.  A thread whose application has none gets ours, since a signal frame on the
 * thread's own stack may not fit there (coroutines), or overwrite what hand-written code keeps
 * below its stack pointer.  But a handler of the application must never run on ours: where the
 * application has signal stacks of its own, in any thread, ours are withdrawn in all of them.
 * While it has none, the preloaded object keeps its handlers off ours (preload/signal_stacks.c).
 */
#ifndef SHIM_CORE_LIFE_SIGNAL_STACKS_H
#define SHIM_CORE_LIFE_SIGNAL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

struct thread;

/*
 * Bytes that a stack needs for a signal frame of ours and what comes before the handler changes to
 * its own: `frame` bytes as the kernel says (AT_MINSIGSTKSZ; 0: it does not), `state` bytes of
 * XSAVE area (CPUID).
 */
size_t signal_stack_bytes(size_t frame, size_t state);

/* The same, on this machine.  Signal-safe after the first call. */
size_t signal_stack_needed(void);

/* Registers ours for the calling thread, where it has none and the application has none at all. */
void signal_stack_give(const struct thread *thread);

/* Takes ours back from the calling thread, where it is registered and not in use.  Signal-safe. */
void signal_stack_take_back(const struct thread *thread);

/* From here on, no thread gets ours, and those that have it lose it at their next sample. */
void signal_stacks_withdraw(void);

/* In the handler: takes ours back as the handler ends, where that is due.  Signal-safe. */
void signal_stack_expire(const struct thread *thread, ucontext_t *context);

#endif
