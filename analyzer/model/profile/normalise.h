/*
 * One order for everything in a profile, whatever order it came in.
 */
#ifndef ANALYZER_MODEL_PROFILE_NORMALISE_H
#define ANALYZER_MODEL_PROFILE_NORMALISE_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"

/*
 * Sorts everything and adds up equal keys; counts of zero go.  Profiles with
 * the same content are then the same in every byte, in whatever order it was
 * added: modules by path and build-id, traces by from, to and end, stacks with
 * callers before callees, traces by callers in the order of both, recordings by time.
 */
bool profile_normalise(struct profile *profile, struct error *error);

/* The order that profile_normalise puts modules in: by path, then build-id. */
int module_compare(const struct module *a, const struct module *b);

#endif
