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
 * The same, when the core starts late: who debugs it by now, a filter that the program has put in
 * place past libc, and a small limit on memory, of which the program may want what the core takes.
 * Signal-safe.
 */
bool unsuited_meanwhile(char *why, size_t size);

#endif
