/*
 * Several profiles made one.
 */
#ifndef ANALYZER_MODEL_PROFILE_PROFILE_MERGE_H
#define ANALYZER_MODEL_PROFILE_PROFILE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

/*
 * Adds everything in `from`, its counts and counters times `weight`, to `into`:
 * modules are matched as in profile_add_module, stacks hang under the same callers.  Equal
 * keys are added up from time to time, so that merging any number of profiles
 * takes memory for their distinct keys only.
 */
bool profile_merge(struct profile *into, const struct profile *from, uint64_t weight,
                   struct error *error);

#endif
