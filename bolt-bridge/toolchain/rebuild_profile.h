/*
 * Of the first half of a rebuild (rebuild.h): what is done again where a build needs another
 * profile than the one that it began with.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_PROFILE_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_PROFILE_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Keeps the profile that was written to a file as PROFILE-DIR/NAME-HASH.SUFFIX: of another
 * content, another name, which build tools notice.  ERROR_READ, ERROR_WRITE.
 */
bool rebuild_name_profile(struct rebuild *rebuild, const char *suffix, const char *written,
                          struct error *error);

/* Makes the environment of the build, by the flags and the digest.  ERROR_WRITE, ERROR_MEMORY. */
bool rebuild_inject(struct rebuild *rebuild, struct error *error);

#endif
