/*
 * Which pseudo-probes of a binary count in a profile of it, and what they say of
 * calls.
 */
#ifndef ANALYZER_MODEL_SAMPLES_COUNTED_PROBES_H
#define ANALYZER_MODEL_SAMPLES_COUNTED_PROBES_H

#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/pseudo_probes.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/samples/sample_profile.h"

struct counted_probes {
    const struct source_lines *lines;
    struct pseudo_probes *probes;
    bool *is_counted; /* by number of a copy */
};

/*
 * Those of functions that ran for themselves, as far as runs, branches and the
 * `address_count` addresses of calls tell, and of all that was inlined into them.  The
 * caller closes them also after a failure.
 */
bool counted_probes_open(struct counted_probes *copies, const struct source_lines *lines,
                         const struct ranges_and_branches *counts, const uint64_t *addresses,
                         size_t address_count, const struct binary *binary, struct error *error);
void counted_probes_close(struct counted_probes *copies);

/* Whether it is known where it was inlined. */
bool counted_probes_is_inlined(const struct counted_probes *copies, const struct probe_copy *copy);

/* The probe of the call at the address, or NULL. */
const struct pseudo_probe *counted_probes_call(const struct counted_probes *copies,
                                               uint64_t address);

/*
 * What probes call the function that begins at `target` or, where it has none, other
 * names: *name, from sample_profile_name, or NULL where none begins there.
 */
bool counted_probes_callee(const struct counted_probes *copies, struct sample_profile *samples,
                           uint64_t target, const char **name, struct error *error);

#endif
