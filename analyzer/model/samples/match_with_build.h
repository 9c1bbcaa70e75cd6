/*
 * How much of a sample profile a binary can take: which of its counts are at places that
 * the binary has as well.  Looks at the code of a build made with the profile, so it is
 * about what the compiler could match, whatever it said.
 */
#ifndef ANALYZER_MODEL_SAMPLES_MATCH_WITH_BUILD_H
#define ANALYZER_MODEL_SAMPLES_MATCH_WITH_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/samples/sample_profile.h"

struct sample_match {
    uint64_t counts;          /* of all places of the profile */
    uint64_t in_functions;    /* of functions that the binary has, inlined ones too */
    uint64_t in_places;       /* of places that they still have (probes: of unchanged functions) */
    char hottest_missed[256]; /* the function with most counts beside those; empty: none */
};

/*
 * By places as sample_profile_build finds them; `is_gcc`: as sample_profile_build_gcc
 * does.  Errors are its own: ERROR_NO_DEBUG_INFO, ERROR_STRIPPED, …
 */
bool sample_match_with_build(struct sample_match *match, const struct sample_profile *samples,
                             const struct binary *binary, bool is_gcc, struct error *error);

/*
 * The names of all functions of a build, also of those that are inlined everywhere, as a profile
 * (`by_probes`: of pseudo-probes) has them.  `names` is {0}; the caller frees it also after a
 * failure: as above.
 */
bool sample_names_in_build(struct names *names, const struct binary *binary, bool by_probes,
                           struct error *error);

#endif
