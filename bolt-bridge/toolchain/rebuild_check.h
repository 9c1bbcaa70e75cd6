/*
 * Whether a build used the profile, by what its compilers and its result tell: the notes
 * of the compilers (compile_log.h), for Go the settings in the program, the code that
 * came out, and which of the profile's counts it has places for.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_CHECK_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_CHECK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/rebuild.h"

/* What is there before the build. */
struct rebuild_before {
    bool exists;        /* the result */
    struct stat status; /* of it */
    char *settings;     /* Go: those of the recorded program, as go version -m tells; or NULL */
};

/* ERROR_MEMORY; the caller frees it also then. */
bool rebuild_look_before(struct rebuild_before *before, const struct rebuild *rebuild,
                         struct error *error);
void rebuild_before_free(struct rebuild_before *before);

/* Fills in what rebuild_run() tells of a build that succeeded.  ERROR_TOOL_FAILED, ERROR_MEMORY. */
bool rebuild_check(struct rebuild *rebuild, const struct rebuild_before *before,
                   struct error *error);

/* Says how the rebuild ended: `format` makes its reason, the remedy is static or NULL. */
void rebuild_answer(struct rebuild *rebuild, bool used, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
