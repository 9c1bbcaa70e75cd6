/*
 * The register of all sampled threads of the process, readable without locks in a signal handler.
 */
#ifndef SHIM_CORE_THREAD_THREAD_REGISTER_H
#define SHIM_CORE_THREAD_THREAD_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/thread/thread.h"

/* The calling thread's record; NULL where it is not sampled.  Signal-safe. */
struct thread *thread_current(void);

/* Makes `thread` the calling thread's record; NULL: it has none any more. */
void thread_register_set_current(struct thread *thread);

/* Adds a record, of any thread; its `id` is set.  False: there are too many threads. */
bool thread_register_add(struct thread *thread);

/* Takes a record out; its owner unmaps it. */
void thread_register_remove(const struct thread *thread);

/* In a forked child, which has no other thread: forgets all records. */
void thread_register_clear(void);

/* The records are those of the slots below this number.  Signal-safe. */
uint32_t thread_register_slots(void);

/* The record in a slot; NULL: it is empty.  Signal-safe. */
struct thread *thread_register_at(uint32_t slot);

#endif
