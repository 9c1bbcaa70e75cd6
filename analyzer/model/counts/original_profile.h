/*
 * A profile of what BOLT wrote, made one of the binary that it started from: sample profiles,
 * reports and all that is by address are then of the linker's output.
 */
#ifndef ANALYZER_MODEL_COUNTS_ORIGINAL_PROFILE_H
#define ANALYZER_MODEL_COUNTS_ORIGINAL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/* Of all taken branches and runs. */
struct original_accounts {
    uint64_t kept;
    uint64_t lost; /* in code that the original does not have, or whose function is not found */
    uint64_t misfitting; /* branches where the rewritten code has none: it is another build */
};

/*
 * A normalised profile in which `module`, which is `rewritten`, is `original`; all other modules
 * are as they were.  Runs through blocks that are not next to each other in the original become
 * several, with the branches between them that the original would have taken.  What is lost
 * counts as code of no module.  Traces by callers are left out.  NULL with ERROR_MEMORY, or as
 * bolt_translation_read.  The caller frees it.
 */
struct profile *original_profile_new(const struct profile *profile, uint32_t module,
                                     const struct binary *rewritten, const struct binary *original,
                                     struct original_accounts *accounts, struct error *error);

/*
 * Whether more than one in 50 does not fit, so that a part is of another build: all that BOLT makes
 * of one binary has one build-id.
 */
bool original_accounts_misfit(const struct original_accounts *accounts);

/*
 * The same of the module that `rewritten` is, where its addresses fit.  Errors also as of
 * binary_find_module and profile_check_addresses.
 */
struct profile *original_profile_of(const struct profile *profile, const struct binary *rewritten,
                                    const struct binary *original,
                                    struct original_accounts *accounts, struct error *error);

#endif
