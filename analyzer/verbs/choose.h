/*
 * Which module of a profile by address, and which binary, a command line means.
 */
#ifndef ANALYZER_VERBS_CHOOSE_H
#define ANALYZER_VERBS_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/*
 * The module that `name` means: its path in the recording, or the end of it
 * (from a slash on) where only one module has that.  ERROR_NOT_IN_PROFILE.
 */
bool profile_find_module(const struct profile *profile, const char *name, uint32_t *module,
                         struct error *error);

/*
 * Opens the binary of the module that `module_name` means or, where it is NULL, of the
 * program itself, unless *binary is given; then checks that it is that module.  `input` is
 * the profile's file, for errors.
 */
bool verb_choose_binary(const char *module_name, const char *input, const struct profile *profile,
                        struct binary **binary, struct error *error);

/*
 * Where the profile is not of *binary but of what BOLT made of it, with a table of addresses, that
 * takes its place, and is named.  Of a profile of both, the profile is replaced as below.  Errors
 * as of binary_find_module, rewritten_open and original_profile_of.
 */
bool verb_accept_rewritten(struct profile **profile, struct binary **binary, struct error *error);

/*
 * The same, but it is the profile that is replaced, by one of `binary` itself: for what is by
 * address.  Nothing is done where the profile has nothing of a rewritten `binary`.
 */
bool verb_translate_rewritten(struct profile **profile, const struct binary *binary,
                              struct error *error);

/* Says how much of the profile is of other builds than `binary` at the same path. */
void verb_tell_other_builds(const struct profile *profile, const struct binary *binary);

/*
 * For what cannot be translated: what BOLT made of `binary` is named in a warning as not counted.
 * ERROR_NOT_IN_PROFILE where the profile has nothing else of `binary`.
 */
bool verb_leave_out_rewritten(const struct profile *profile, const struct binary *binary,
                              struct error *error);

#endif
