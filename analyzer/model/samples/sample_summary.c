#include "analyzer/model/samples/sample_summary.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/sample_merge.h"

const uint32_t sample_cutoffs[SAMPLE_CUTOFFS] = {10000,  100000, 200000, 300000, 400000, 500000,
                                                 600000, 700000, 800000, 900000, 950000, 990000,
                                                 999000, 999900, 999990, 999999};

/* What the base of a function has already does not count again. */
static bool add_counts(struct sample_summary *summary, const struct sample_function *function,
                       struct error *error)
{
    if (function->attributes & SAMPLE_IN_BASE)
        return true;
    for (size_t i = 0; i < function->record_count; i++) {
        uint64_t count = function->records[i].count;
        if (!memory_reserve(&summary->counts, &summary->count_capacity, summary->count_count + 1,
                            sizeof(uint64_t), error))
            return false;
        summary->counts[summary->count_count++] = count;
        summary->total = count_add(summary->total, count);
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        if (!add_counts(summary, function->inlined[i], error))
            return false;
    }
    return true;
}

static int compare_counts(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return COMPARE(b, a);
}

static bool add_functions(struct sample_summary *summary, const struct sample_function *top,
                          struct error *error)
{
    summary->function_count = top->inlined_count;
    for (size_t i = 0; i < top->inlined_count; i++) {
        if (!add_counts(summary, top->inlined[i], error))
            return false;
        if (summary->largest_head < top->inlined[i]->head)
            summary->largest_head = top->inlined[i]->head;
    }
    if (summary->count_count > 0)
        qsort(summary->counts, summary->count_count, sizeof(uint64_t), compare_counts);
    return true;
}

bool sample_summary_build(struct sample_summary *summary, const struct sample_profile *samples,
                          struct error *error)
{
    struct sample_profile base = {0};
    *summary = (struct sample_summary){0};
    if (!samples->has_contexts)
        return add_functions(summary, &samples->top, error);
    bool done =
        sample_profile_flatten(&base, samples, error) && add_functions(summary, &base.top, error);
    sample_profile_free(&base);
    return done;
}

void sample_summary_free(struct sample_summary *summary)
{
    free(summary->counts);
    *summary = (struct sample_summary){0};
}

struct sample_cutoff sample_summary_cutoff(const struct sample_summary *summary, uint32_t share)
{
    unsigned __int128 wanted = (unsigned __int128)summary->total * share / 1000000;
    unsigned __int128 sum = 0;
    struct sample_cutoff cutoff = {0, 0};
    while (sum < wanted && cutoff.places < summary->count_count) {
        cutoff.smallest = summary->counts[cutoff.places];
        for (; cutoff.places < summary->count_count &&
               summary->counts[cutoff.places] == cutoff.smallest;
             cutoff.places++)
            sum += cutoff.smallest;
    }
    return cutoff;
}
