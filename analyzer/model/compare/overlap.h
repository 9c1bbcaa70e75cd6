/*
 * How much two profiles have in common: as a whole, function by function, and place by
 * place.
 *
 * For profiles by symbol the measure is the sum, over all edges (or sampled
 * places), of the smaller of their two shares of their profile: 1 where all
 * shares are equal, whatever the number of counts.  For sample profiles it is
 * what llvm-profdata's overlap --sample says (llvm-profdata.cpp,
 * SampleOverlapAggregator).
 */
#ifndef ANALYZER_MODEL_COMPARE_OVERLAP_H
#define ANALYZER_MODEL_COMPARE_OVERLAP_H

#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

/* How many things are in both profiles, and how many in one of them alone. */
struct overlap_counts {
    size_t both, first_only, second_only;
};

struct overlap_function {
    const char *name; /* lives as long as the profiles */
    bool in_first, in_second;
    uint64_t first_count, second_count; /* of all its places */
    double first_share, second_share;   /* of its profile */
    double similarity;                  /* 0 to 1; of the shares that its places have of it */
    uint64_t common_count, any_count;   /* the smaller and the larger count of each place, summed */
    uint64_t first_only, second_only;   /* counts of places that the other does not have */
};

struct overlap {
    bool by_line; /* of sample profiles; what is hot is only known of them */
    /*
     * By symbol: the sum over all edges of the smaller of their two shares.  By
     * line: LLVM's similarity, of functions by weight and of their places.
     */
    double similarity;
    uint64_t first_total, second_total;
    uint64_t common_count, any_count; /* as in struct overlap_function, summed */
    uint64_t first_only, second_only;
    struct overlap_counts functions, hot_functions, places, hot_places;
    struct overlap_function *items; /* those that differ most in their shares first */
    size_t count, capacity;
};

/*
 * Both profiles are sorted (symbol_profile_sort, sample_profile_unite) and
 * outlive it.  ERROR_PROFILE_KIND where they are not alike, about the file
 * `second_path`; ERROR_NO_SAMPLES about the one that has none.  The caller frees
 * with overlap_free, also after a failure.
 */
bool overlap_symbols(struct overlap *overlap, const struct symbol_profile *first,
                     const char *first_path, const struct symbol_profile *second,
                     const char *second_path, struct error *error);
bool overlap_lines(struct overlap *overlap, const struct sample_profile *first,
                   const char *first_path, const struct sample_profile *second,
                   const char *second_path, struct error *error);
void overlap_free(struct overlap *overlap);

/* A function's or a whole profile's share, 0 where there is nothing to have a share of. */
static inline double overlap_share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* For overlap_symbols and overlap_lines: adds a function, and puts all in their order. */
bool overlap_add(struct overlap *overlap, const struct overlap_function *function,
                 struct error *error);
void overlap_sort(struct overlap *overlap);

/* Sets ERROR_NO_SAMPLES about the profile that has no counts. */
bool overlap_check_totals(const struct overlap *overlap, const char *first_path,
                          const char *second_path, struct error *error);

#endif
