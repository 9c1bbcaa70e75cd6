/*
 * Sample profiles added up: of one program from several recordings, and of functions over
 * all their callers.
 */
#ifndef ANALYZER_MODEL_SAMPLES_SAMPLE_MERGE_H
#define ANALYZER_MODEL_SAMPLES_SAMPLE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/samples/sample_profile.h"

/*
 * Adds a function at the end of those at the top, whatever is there of that
 * name; sample_profile_unite then sorts them by name and adds up equal ones.
 * ERROR_PROFILE_KIND, about `path`, where their checksums differ.
 */
struct sample_function *sample_profile_append(struct sample_profile *samples, const char *name,
                                              struct error *error);
bool sample_profile_unite(struct sample_profile *samples, const char *path, struct error *error);

/*
 * Adds all of `from`, its counts times `weight`.  Functions at the top of both
 * are sorted by name, as sample_profile_unite leaves them.  ERROR_PROFILE_KIND,
 * about the file `path`, where they are not alike: only one by probes or with
 * contexts, or functions with different checksums.  An empty `into` becomes of
 * that kind.
 */
bool sample_profile_merge(struct sample_profile *into, const struct sample_profile *from,
                          uint64_t weight, const char *path, struct error *error);

/* Fills the empty `into` with the functions of `from`, each added up over all its callers. */
bool sample_profile_flatten(struct sample_profile *into, const struct sample_profile *from,
                            struct error *error);

#endif
