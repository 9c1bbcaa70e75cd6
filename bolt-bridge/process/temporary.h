/*
 * Files that must not outlive us: a private directory for what tools read and
 * write, and outputs that are written under another name and renamed when they
 * are whole.  All of it is registered; temporary_clean() removes what is left,
 * however the program ends (main() calls it, also after an interruption; after a
 * SIGKILL the watcher of orphans.h does it).
 *
 * Not for use by several threads.
 */
#ifndef BOLT_BRIDGE_PROCESS_TEMPORARY_H
#define BOLT_BRIDGE_PROCESS_TEMPORARY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"

/*
 * The path of file `name` in our private directory (made in TMPDIR or /tmp at
 * the first call, mode 0700).  The file itself is not made.  `path` has
 * PATH_MAX bytes.  Errors: ERROR_WRITE.
 */
bool temporary_path(const char *name, char *path, struct error *error);

/* An output that does not exist yet as far as anybody else can tell. */
struct temporary_output {
    char final_path[PATH_MAX];
    char path[PATH_MAX]; /* what to write: in the same directory */
};

/*
 * Reserves a name beside `final_path`, as an empty file.  Errors:
 * ERROR_OUTPUT_EXISTS (unless `overwrite`), ERROR_WRITE (a directory that is
 * missing or may not be written to; the output is a directory).
 */
bool temporary_output_open(struct temporary_output *output, const char *final_path, bool overwrite,
                           struct error *error);
/*
 * Checks that it was written, flushes it to disk and gives it its final name.
 * Errors: ERROR_WRITE, ERROR_OUTPUT_EXISTS (it came into being meanwhile);
 * nothing is left behind then.
 */
bool temporary_output_commit(struct temporary_output *output, bool overwrite, struct error *error);
/* Removes it.  Harmless after commit and after an open that failed. */
void temporary_output_discard(struct temporary_output *output);

/* Removes the private directory and all uncommitted outputs. */
void temporary_clean(void);

#endif
