/*
 * Whether a build ran compilers at all, and with what was set for them; where it did not, why:
 * nothing was compiled, by another compiler, or out of reach of our settings.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_CALLS_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_CALLS_H

#include <stdbool.h>

#include "bolt-bridge/toolchain/rebuild_answer.h"

/* Whether the file that the build should make is the one of before. */
bool rebuild_left_result(const struct rebuild *rebuild, const struct rebuild_before *before);

/* By the log, which was read.  False: the rebuild's answer says why. */
bool rebuild_check_runs(struct rebuild *rebuild, const struct rebuild_before *before);
/* The same, of compilers that had the profile. */
bool rebuild_check_calls(struct rebuild *rebuild, const struct rebuild_before *before);

#endif
