/*
 * Whether a build used the profile, by what its compilers and its result tell: the notes
 * of the compilers (compile_log.h), for Go the settings in the program, the code that
 * came out, and which of the profile's counts it has places for.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_CHECK_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_CHECK_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/rebuild_answer.h"

/* ERROR_MEMORY; the caller frees it also then. */
bool rebuild_look_before(struct rebuild_before *before, const struct rebuild *rebuild,
                         struct error *error);
void rebuild_before_free(struct rebuild_before *before);

/* Fills in what rebuild_run() tells of a build that succeeded.  ERROR_TOOL_FAILED, ERROR_MEMORY. */
bool rebuild_check(struct rebuild *rebuild, const struct rebuild_before *before,
                   struct error *error);

/* What keeps names of functions as they were recorded.  Static. */
const char *rebuild_renamed_remedy(const struct rebuild *rebuild);

#endif
