/*
 * The objects and programs that a build by clang made, by what its driver notes of its jobs
 * (compile_log.h): they are removed so that the next build makes them anew.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_MADE_FILES_H
#define BOLT_BRIDGE_TOOLCHAIN_MADE_FILES_H

#include <stdbool.h>
#include <time.h>

#include "analyzer/base/error.h"

/*
 * Removes those that were written since `started` (CLOCK_REALTIME), and what libtool made of
 * objects.  A log that does not exist tells of none.  ERROR_MEMORY.
 */
bool made_files_remove(const char *log, const struct timespec *started, struct error *error);

#endif
