/*
 * What has another share in one profile than in another, the largest change first, and
 * which changes are no more than chance.
 */
#ifndef ANALYZER_MODEL_COMPARE_DIFFERENCES_H
#define ANALYZER_MODEL_COMPARE_DIFFERENCES_H

#include "analyzer/model/match/binaries.h"
#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

struct difference {
    char *name;
    uint64_t first_count, second_count;
    double first_share, second_share; /* of their profile */
    /*
     * How many standard errors the change is away from none, if both profiles
     * were drawn at random from one execution; negative where it got colder.
     */
    double errors;
};

/* Less than so many standard errors are marked as chance: 1 in 370 changes by chance is larger. */
#define DIFFERENCE_CHANCE 3.0

/*
 * `first_observations` and `second_observations`: how many independent ones the
 * counts stand for.  A window of branches has dozens of counts, which say no
 * more than one sample of how often something runs.
 */
struct differences {
    struct difference *items; /* by how much the share changes */
    size_t count, capacity;
    uint64_t first_total, second_total;
    double first_observations, second_observations;
};

/* Begin with {0}; the caller frees it also after a failure. */
void differences_free(struct differences *differences);

/* Of the samples of functions, over one module or all (PROFILE_MODULE_NONE); both normalised. */
bool differences_of_samples(struct differences *differences, const struct profile *first,
                            uint32_t first_module, const struct profile *second,
                            uint32_t second_module, struct error *error);

/* Of functions, or of single edges and places where `is_places`; both sorted by name. */
bool differences_of_symbols(struct differences *differences, const struct symbol_profile *first,
                            const struct symbol_profile *second, bool is_places,
                            struct error *error);
bool differences_of_lines(struct differences *differences, const struct sample_profile *first,
                          const struct sample_profile *second, bool is_places, struct error *error);

/* Works out shares and standard errors, once the observations are set, and sorts. */
void differences_finish(struct differences *differences);

#endif
