/* What in the process itself speaks against recording it. */
#ifndef SHIM_PRELOAD_UNSUITED_H
#define SHIM_PRELOAD_UNSUITED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True: it is not to be recorded, and `why` (`size` bytes) says the reason; "": not even that may
 * be said.  From the constructor.
 */
bool unsuited(char *why, size_t size);

/*
 * The same, when the core starts: what it takes of a small limit on memory, the program may want.
 * Signal-safe.
 */
bool unsuited_memory_is_scarce(char *why, size_t size);

#endif
