/*
 * Profiles that unit tests write as text, and what was read of them.
 */
#ifndef TESTS_SUPPORT_PROFILE_TEXT_H
#define TESTS_SUPPORT_PROFILE_TEXT_H

#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

/* The profile of a file with that text, normalised, which the caller frees.  NULL: with the
 * reader's error. */
struct profile *profile_text_read(const char *text, struct error *error);

#define PROFILE_TEXT_NONE UINT64_MAX

/* A trace's count, 0 where there is none.  `from` NONE: not from a branch; `end` NONE: without a
 * range. */
uint64_t profile_text_count(const struct profile *profile, uint64_t from, uint64_t to,
                            uint64_t end);

#endif
