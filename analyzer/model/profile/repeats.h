/*
 * Whether a recording was read twice: then its counts count twice, which is seldom meant.
 * A recording is known by when, where and by which process it began; one that does not tell
 * (perf.data, text) by its file's content.
 */
#ifndef ANALYZER_MODEL_PROFILE_REPEATS_H
#define ANALYZER_MODEL_PROFILE_REPEATS_H

#include "analyzer/model/profile/profile.h"

/*
 * A recording of the profile that is the same as one before it, which *first then is; NULL
 * where there is none.  Both belong to the profile.
 */
const struct recording *profile_find_repeat(const struct profile *profile,
                                            const struct recording **first);

#endif
