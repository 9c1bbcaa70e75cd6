/*
 * Addresses that came without the name of their binary, as all text by address does: they
 * are kept in a module without a path until the user says which binary it is.
 */
#ifndef ANALYZER_MODEL_MATCH_PLACEMENT_H
#define ANALYZER_MODEL_MATCH_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/* Whether it stands for a binary that is not known. */
bool module_is_unnamed(const struct module *module);

/*
 * Makes whatever the profile has of unknown binaries, and of `binary` by offsets
 * in its file, places in `binary`.  Without build-ids, `binary` is the module of
 * its file name, or the only program.  Text has addresses as they are linked, or
 * counted from the first segment, from the first code, or in the file; which
 * it is shows in what is there: branches come from branch instructions.
 * ERROR_OTHER_BINARY where most do not.  Addresses outside its code become code
 * of no module.  The profile has to be normalised again.
 */
bool profile_place(struct profile *profile, const struct binary *binary, struct error *error);

#endif
