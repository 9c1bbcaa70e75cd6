/* The protection keys that the kernel gives signal handlers: key 0 is open, and no other. */
#ifndef SHIM_CORE_GROUND_HANDLER_KEYS_H
#define SHIM_CORE_GROUND_HANDLER_KEYS_H

#include <stdbool.h>

/*
 * Whether a signal handler, as it begins, may not read at `address`, which the caller may read.  A
 * thread whose thread block is such a place is ended by its next signal, where libc uses rseq(2):
 * the kernel writes there as it delivers the signal.  Outside handlers.
 */
bool handlers_are_kept_from(const void *address);

#endif
