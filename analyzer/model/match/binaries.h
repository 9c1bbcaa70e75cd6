/*
 * The binaries behind a profile's modules: which module a given binary is, and the
 * binaries on this machine that can name the addresses of the others.
 */
#ifndef ANALYZER_MODEL_MATCH_BINARIES_H
#define ANALYZER_MODEL_MATCH_BINARIES_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/* Whether all that was recorded ran on other machines than the binary's; `machine` is the first. */
bool binary_is_of_other_machine(const struct binary *binary, const struct profile *profile,
                                unsigned *machine);

/*
 * The number of the module that `binary` is, by build-id, or by path where the
 * binary has none.  ERROR_BUILD_ID where a module of that path or file name was
 * recorded from another build, ERROR_NOT_IN_PROFILE where there is none.
 */
bool binary_find_module(const struct binary *binary, const struct profile *profile,
                        uint32_t *module, struct error *error);

/* Branches and samples of other builds than `module` that ran at its path. */
uint64_t profile_of_other_builds(const struct profile *profile, uint32_t module);

/*
 * Turns the offsets of a module whose file was not found when it was read
 * (has_file_offsets) into link-time addresses of `binary`, which is that file.
 * The profile has to be normalised again.
 */
void profile_place_module(struct profile *profile, uint32_t module, const struct binary *binary);

struct binaries;

/* None opened yet, or NULL with ERROR_MEMORY.  `profile` must outlive it. */
struct binaries *binaries_new(const struct profile *profile, struct error *error);
/* Frees those that binaries_get opened; not those that were given.  NULL is taken too. */
void binaries_free(struct binaries *binaries);

/* Uses an open binary for a module instead of looking for one. */
void binaries_give(struct binaries *binaries, uint32_t module, const struct binary *binary);

/*
 * The module's binary: what was given, or the file at the module's path if it
 * is the build that was recorded; NULL where there is none.  Looks only once.  Where
 * neither has a build-id, what was recorded has to fit its code: another build is not taken,
 * and a warning says so.
 */
const struct binary *binaries_get(struct binaries *binaries, uint32_t module);

#endif
