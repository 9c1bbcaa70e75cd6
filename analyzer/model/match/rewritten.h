/*
 * Recordings of what llvm-bolt made of a binary, in the place of the binary itself.
 */
#ifndef ANALYZER_MODEL_MATCH_REWRITTEN_H
#define ANALYZER_MODEL_MATCH_REWRITTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/*
 * The rewritten binary that the profile is of, opened from the path where it ran; its fdata is
 * the original's by its table of addresses.  BOLT marks it by the lowest bit of the build-id's
 * last byte.  NULL: the profile is not of such a one (ERROR_NOT_IN_PROFILE), or of one that is
 * not there any more or has no table; the error says which.  The caller frees it.
 */
struct binary *rewritten_open(const struct profile *profile, const struct binary *original,
                              struct error *error);

#endif
