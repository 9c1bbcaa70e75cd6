/*
 * Whether a profile's addresses can be those of a binary's code.  A wrong base of
 * addresses, or another build without a build-id, makes profiles that look right and slow
 * programs down.
 */
#ifndef ANALYZER_MODEL_MATCH_ADDRESS_CHECK_H
#define ANALYZER_MODEL_MATCH_ADDRESS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/*
 * Looks at the most frequent traces of one module of a normalised profile: does
 * a branch come from an instruction that branches, does a run end at an
 * instruction that can be reached from its start, is a sampled address where an
 * instruction begins?  ERROR_OTHER_BINARY where that is so for less than half of the
 * counts, naming the hottest function of those that do not fit.
 */
bool profile_check_addresses(const struct profile *profile, uint32_t module,
                             const struct binary *binary, struct error *error);

#endif
