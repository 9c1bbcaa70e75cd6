/*
 * Whether the thread-local variables of the interrupted code are libc's.  A program may point the
 * FS register elsewhere while it runs code of another system (emulators do); errno and what the
 * shim keeps for each thread are elsewhere then.
 */
#ifndef SHIM_CORE_THREAD_THREAD_BLOCK_H
#define SHIM_CORE_THREAD_THREAD_BLOCK_H

#include <stdbool.h>

/* Once, before the first sample. */
void thread_block_start(void);

/* Of the calling thread; true where the CPU does not tell.  Signal-safe, and touches no
 * thread-local variable. */
bool thread_block_is_known(void);

#endif
