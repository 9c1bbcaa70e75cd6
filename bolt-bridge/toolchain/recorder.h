/*
 * pgo-record: where it is, and its command line.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_RECORDER_H
#define BOLT_BRIDGE_TOOLCHAIN_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"

/*
 * The environment's PGO_RECORD, else pgo-record beside our own program, else in
 * PATH.  `path` has PATH_MAX bytes.  Errors: ERROR_TOOL_MISSING.
 */
bool recorder_find(char *path, struct error *error);

/* How to record; numbers as text for its command line, NULL: its own choice. */
struct recorder_settings {
    const char *pattern; /* of the raw files, as pgo-record -o takes it */
    const char *rate;
    const char *budget;
    const char *branches;
};

/*
 * The command line that records `command`: a NULL-terminated vector in one
 * allocation, which the caller frees; the strings are borrowed.
 * Errors: ERROR_MEMORY.
 */
char **recorder_arguments(const char *path, const struct recorder_settings *settings,
                          char *const *command, size_t command_count, struct error *error);

#endif
