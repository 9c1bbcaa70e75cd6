/*
 * Whether a recording was read twice: then its counts count twice, which is seldom meant.
 * Each has a number, its origin: by when, where and by which process it began, or, where it
 * does not tell (perf.data, text), by its file's content.  A merged profile keeps those of all
 * that went into it.
 */
#ifndef ANALYZER_MODEL_PROFILE_REPEATS_H
#define ANALYZER_MODEL_PROFILE_REPEATS_H

#include "analyzer/model/profile/profile.h"

/* The number of a recording; `host` has at most `size` bytes. */
uint64_t recording_number(uint64_t start_time_ns, int32_t process, const char *host, size_t size);

/*
 * The origins of all recordings, each once, in order; NULL with ERROR_MEMORY.  The caller
 * frees them.
 */
uint64_t *profile_origins(const struct profile *profile, size_t *count, struct error *error);

/*
 * A recording of the profile that has an origin in common with one before it, which *first then
 * is; NULL where there is none.  Both belong to the profile.
 */
const struct recording *profile_find_repeat(const struct profile *profile,
                                            const struct recording **first);

#endif
