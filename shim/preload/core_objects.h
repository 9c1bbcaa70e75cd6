/*
 * The core and the libraries that it needs, brought into memory past the dynamic linker
 * (shim/objects/object.h), so that a signal handler can do it.
 */
#ifndef SHIM_PRELOAD_CORE_OBJECTS_H
#define SHIM_PRELOAD_CORE_OBJECTS_H

#include <stddef.h>

#include "shim/core/core_interface.h"

/*
 * Finds out where this object is; the core stands beside it.  Once, in the constructor.  Returns
 * the address of the dynamic linker's entry of the last object that there is.
 */
uint64_t core_objects_prepare(void);

/* Loads the core.  NULL: nothing was left in memory, and `why` says the reason.  Signal-safe. */
const struct core_interface *core_objects_load(char *why, size_t why_size);

#endif
