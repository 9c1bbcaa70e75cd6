/*
 * Where functions of the profile are named by another path or hash in the new program, which was
 * built without their counts then: the profile takes the names of that build, for another one.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_NAMES_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_NAMES_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Of a build that was checked.  *taken: there were such functions, of weight, the profile and the
 * environment are new, and the program has to be built again.  ERROR_MEMORY, ERROR_READ,
 * ERROR_WRITE, what the profile's reader says.
 */
bool rebuild_take_names(struct rebuild *rebuild, bool *taken, struct error *error);

#endif
