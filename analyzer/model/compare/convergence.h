/*
 * Whether a profile has enough counts that more would not change it.  Two halves of it are
 * compared: the sum over all edges of the smaller of their two shares.
 */
#ifndef ANALYZER_MODEL_COMPARE_CONVERGENCE_H
#define ANALYZER_MODEL_COMPARE_CONVERGENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/symbols/symbol_profile.h"

struct convergence {
    double halves;   /* what two halves have in common, 0 to 1 */
    double expected; /* what the whole is expected to have in common with a profile without end */
    double longer;   /* how much more of the same would make `expected` CONVERGENCE_ENOUGH */
};

#define CONVERGENCE_ENOUGH 0.95

/*
 * Splits every count at random, in lots, for some of what one sample tells of an
 * edge comes together; `branches` that it has, 1 at least.
 * The same profile gives the same answer.  `symbols` is sorted.
 * ERROR_NO_SAMPLES about `path`.
 */
bool convergence_of_counts(struct convergence *convergence, const struct symbol_profile *symbols,
                           uint64_t branches, const char *path, struct error *error);

/* Compares two halves that were recorded apart, which tells how runs differ as well. */
bool convergence_of_halves(struct convergence *convergence, const struct symbol_profile *first,
                           const struct symbol_profile *second, const char *path,
                           struct error *error);

#endif
