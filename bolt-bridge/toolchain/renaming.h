/*
 * Functions of a profile that have another name in a build than when they were recorded, though
 * they are the same: clang names static ones by the path of their source, rustc all by hashes of
 * how cargo was called (built_plain_name in built_code.h).
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_RENAMING_H
#define BOLT_BRIDGE_TOOLCHAIN_RENAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "analyzer/model/samples/sample_profile.h"

/*
 * Gives them the names of the build, `made`: those that are alike but for paths and hashes, where
 * only one is like only one.  A profile of contexts or of hashed names stays as it is.  *renamed is
 * how many names are others now.  ERROR_MEMORY.
 */
bool renaming_apply(struct sample_profile *samples, const struct names *made, size_t *renamed,
                    struct error *error);

#endif
