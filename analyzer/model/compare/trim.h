/*
 * Profiles made smaller: what is about one module, and what is not rare.
 */
#ifndef ANALYZER_MODEL_COMPARE_TRIM_H
#define ANALYZER_MODEL_COMPARE_TRIM_H

#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

/*
 * Keep what is about a module: traces from, to or in it, by callers too, call stacks of samples
 * in it, and all modules that occur in those.  The profile is then normalised.
 */
bool profile_trim_module(struct profile *profile, uint32_t module, struct error *error);

/*
 * Keep what has at least that share of all counts (0 to 1): traces of those of
 * all traces and call stacks of those of all stacks; edges or sampled places;
 * functions at the top with all that is inlined into them.
 */
bool profile_trim_share(struct profile *profile, double share, struct error *error);
void symbol_profile_trim_share(struct symbol_profile *profile, double share);
void sample_profile_trim_share(struct sample_profile *samples, double share);

#endif
