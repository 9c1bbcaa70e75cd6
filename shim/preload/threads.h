/* Threads, from their first instruction to their end. */
#ifndef SHIM_PRELOAD_THREADS_H
#define SHIM_PRELOAD_THREADS_H

/*
 * Makes the key whose destructor sees the end of a thread.  From the constructor: libc keeps the
 * values of a process's first keys (32) in the thread itself, and allocates for later ones.
 */
void threads_prepare(void);

#endif
