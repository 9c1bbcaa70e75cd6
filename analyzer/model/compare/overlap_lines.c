/*
 * What two sample profiles have in common, as llvm-profdata's overlap --sample
 * defines it.  Functions inlined at one place are places themselves where only
 * one profile has them.
 */
#include <math.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/model/compare/overlap.h"
#include "analyzer/model/samples/sample_summary.h"

/* LLVM takes what is so near to 0 and to 1 for that. */
#define EPSILON 0.000005

/* Which counts are hot; both profiles' thresholds. */
struct comparison {
    struct overlap *overlap;
    uint64_t first_hot, second_hot;
};

/* What LLVM looks at in a function with all that is inlined into it. */
struct extent {
    uint64_t sum, largest;
    size_t hot_places;
};

static void measure(struct extent *extent, const struct sample_function *function, uint64_t hot)
{
    for (size_t i = 0; i < function->record_count; i++) {
        uint64_t count = function->records[i].count;
        extent->sum = count_add(extent->sum, count);
        if (extent->largest < count)
            extent->largest = count;
        extent->hot_places += count >= hot;
    }
    for (size_t i = 0; i < function->inlined_count; i++)
        measure(extent, function->inlined[i], hot);
}

static struct extent extent_of(const struct sample_function *function, uint64_t hot)
{
    struct extent extent = {0, 0, 0};
    if (function)
        measure(&extent, function, hot);
    return extent;
}

/* `places`: how many it stands for, where it is a whole function that the other does not have. */
static void add_hot(struct comparison *comparison, uint64_t a, uint64_t b, size_t places)
{
    struct overlap_counts *hot = &comparison->overlap->hot_places;
    bool in_first = a >= comparison->first_hot;
    bool in_second = b >= comparison->second_hot;
    hot->both += in_first && in_second ? places : 0;
    hot->first_only += in_first && !in_second ? places : 0;
    hot->second_only += !in_first && in_second ? places : 0;
}

/* Adds what both count at a place and returns how far apart their shares of the function are. */
static double add_place(struct comparison *comparison, struct overlap_function *function,
                        const uint64_t *first, const uint64_t *second, size_t places)
{
    struct overlap_counts *counts = &comparison->overlap->places;
    uint64_t a = first ? *first : 0;
    uint64_t b = second ? *second : 0;
    if (!second)
        function->first_only = count_add(function->first_only, a);
    if (!first)
        function->second_only = count_add(function->second_only, b);
    counts->both += first && second;
    counts->first_only += !second;
    counts->second_only += !first;
    function->common_count = count_add(function->common_count, a < b ? a : b);
    function->any_count = count_add(function->any_count, a > b ? a : b);
    add_hot(comparison, a, b, places);
    return fabs(overlap_share(a, function->first_count) - overlap_share(b, function->second_count));
}

static double compare_records(struct comparison *comparison, struct overlap_function *function,
                              const struct sample_function *first,
                              const struct sample_function *second)
{
    double difference = 0;
    for (size_t i = 0, k = 0; i < first->record_count || k < second->record_count;) {
        int order = i == first->record_count ? 1
                    : k == second->record_count
                        ? -1
                        : sample_place_compare(first->records[i].place, second->records[k].place);
        difference += add_place(comparison, function, order <= 0 ? &first->records[i].count : NULL,
                                order >= 0 ? &second->records[k].count : NULL, 1);
        i += order <= 0;
        k += order >= 0;
    }
    return difference;
}

static int compare_inlined(const struct sample_function *a, const struct sample_function *b)
{
    int order = sample_place_compare(a->call, b->call);
    return order ? order : strcmp(a->name, b->name);
}

/* How far the places of a function of both are apart: 0 to 2. */
static double compare_bodies(struct comparison *comparison, struct overlap_function *function,
                             const struct sample_function *first,
                             const struct sample_function *second)
{
    double difference = compare_records(comparison, function, first, second);
    for (size_t i = 0, k = 0; i < first->inlined_count || k < second->inlined_count;) {
        int order = i == first->inlined_count ? 1
                    : k == second->inlined_count
                        ? -1
                        : compare_inlined(first->inlined[i], second->inlined[k]);
        if (order == 0) {
            difference +=
                compare_bodies(comparison, function, first->inlined[i], second->inlined[k]);
        } else if (order < 0) {
            struct extent extent = extent_of(first->inlined[i], comparison->first_hot);
            difference += add_place(comparison, function, &extent.sum, NULL, extent.hot_places);
        } else {
            struct extent extent = extent_of(second->inlined[k], comparison->second_hot);
            difference += add_place(comparison, function, NULL, &extent.sum, extent.hot_places);
        }
        i += order <= 0;
        k += order >= 0;
    }
    return difference;
}

static bool compare_functions(struct comparison *comparison, const char *name,
                              const struct sample_function *first,
                              const struct sample_function *second, struct error *error)
{
    struct overlap *overlap = comparison->overlap;
    struct extent a = extent_of(first, comparison->first_hot);
    struct extent b = extent_of(second, comparison->second_hot);
    struct overlap_function function = {
        .name = name,
        .in_first = first != NULL,
        .in_second = second != NULL,
        .first_count = a.sum,
        .second_count = b.sum,
        .first_share = overlap_share(a.sum, overlap->first_total),
        .second_share = overlap_share(b.sum, overlap->second_total),
    };
    bool first_hot = first && a.largest >= comparison->first_hot;
    bool second_hot = second && b.largest >= comparison->second_hot;
    overlap->hot_functions.both += first_hot && second_hot;
    overlap->hot_functions.first_only += first_hot && !second_hot;
    overlap->hot_functions.second_only += !first_hot && second_hot;
    if (first && second) {
        double inside = (2 - compare_bodies(comparison, &function, first, second)) / 2;
        if (fabs(inside) < EPSILON)
            inside = 0;
        function.similarity = inside * (1 - fabs(function.first_share - function.second_share));
        overlap->similarity +=
            function.similarity * (function.first_share + function.second_share) / 2;
    } else {
        add_hot(comparison, a.sum, b.sum, first ? a.hot_places : b.hot_places);
        function.first_only = function.first_count;
        function.second_only = function.second_count;
        function.any_count = a.sum + b.sum; /* one of both is 0 */
    }
    return overlap_add(overlap, &function, error);
}

static bool compare_all(struct comparison *comparison, const struct sample_function *first,
                        const struct sample_function *second, struct error *error)
{
    bool done = true;
    for (size_t i = 0, k = 0; done && (i < first->inlined_count || k < second->inlined_count);) {
        int order = i == first->inlined_count ? 1
                    : k == second->inlined_count
                        ? -1
                        : strcmp(first->inlined[i]->name, second->inlined[k]->name);
        const char *name = order <= 0 ? first->inlined[i]->name : second->inlined[k]->name;
        done = compare_functions(comparison, name, order <= 0 ? first->inlined[i] : NULL,
                                 order >= 0 ? second->inlined[k] : NULL, error);
        i += order <= 0;
        k += order >= 0;
    }
    return done;
}

static bool hot_threshold(const struct sample_profile *samples, uint64_t *hot, struct error *error)
{
    struct sample_summary summary;
    bool done = sample_summary_build(&summary, samples, error);
    *hot = sample_summary_cutoff(&summary, SAMPLE_HOT).smallest;
    sample_summary_free(&summary);
    return done;
}

static bool check_alike(const struct sample_profile *first, const struct sample_profile *second,
                        const char *second_path, struct error *error)
{
    const char *what = NULL;
    if (first->by_probes != second->by_probes)
        what = "only one of both counts by pseudo-probes";
    else if (first->has_contexts != second->has_contexts)
        what = "only one of both tells functions apart by their callers";
    else if (first->has_hashes != second->has_hashes)
        what = "only one of both has hashes for names";
    if (what)
        error_set(error, ERROR_PROFILE_KIND, second_path, "%s", what);
    return !what;
}

bool overlap_lines(struct overlap *overlap, const struct sample_profile *first,
                   const char *first_path, const struct sample_profile *second,
                   const char *second_path, struct error *error)
{
    struct comparison comparison = {.overlap = overlap};
    *overlap = (struct overlap){.by_line = true,
                                .first_total = sample_function_sum(&first->top),
                                .second_total = sample_function_sum(&second->top)};
    if (!overlap_check_totals(overlap, first_path, second_path, error))
        return false;
    if (!check_alike(first, second, second_path, error))
        return false;
    bool done = hot_threshold(first, &comparison.first_hot, error) &&
                hot_threshold(second, &comparison.second_hot, error) &&
                compare_all(&comparison, &first->top, &second->top, error);
    if (fabs(overlap->similarity - 1) < EPSILON)
        overlap->similarity = 1;
    overlap_sort(overlap);
    return done;
}
