#include "analyzer/model/compare/overlap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

void overlap_free(struct overlap *overlap)
{
    free(overlap->items);
    *overlap = (struct overlap){0};
}

bool overlap_add(struct overlap *overlap, const struct overlap_function *function,
                 struct error *error)
{
    if (!memory_reserve(&overlap->items, &overlap->capacity, overlap->count + 1,
                        sizeof(*overlap->items), error))
        return false;
    overlap->items[overlap->count++] = *function;
    overlap->common_count = count_add(overlap->common_count, function->common_count);
    overlap->any_count = count_add(overlap->any_count, function->any_count);
    overlap->first_only = count_add(overlap->first_only, function->first_only);
    overlap->second_only = count_add(overlap->second_only, function->second_only);
    overlap->functions.both += function->in_first && function->in_second;
    overlap->functions.first_only += function->in_first && !function->in_second;
    overlap->functions.second_only += !function->in_first && function->in_second;
    return true;
}

static int compare_differences(const void *left, const void *right)
{
    const struct overlap_function *a = left;
    const struct overlap_function *b = right;
    double a_difference = fabs(a->first_share - a->second_share);
    double b_difference = fabs(b->first_share - b->second_share);
    if (a_difference != b_difference)
        return a_difference > b_difference ? -1 : 1;
    return strcmp(a->name, b->name);
}

void overlap_sort(struct overlap *overlap)
{
    if (overlap->count > 1)
        qsort(overlap->items, overlap->count, sizeof(*overlap->items), compare_differences);
}

bool overlap_check_totals(const struct overlap *overlap, const char *first_path,
                          const char *second_path, struct error *error)
{
    if (overlap->first_total > 0 && overlap->second_total > 0)
        return true;
    error_set(error, ERROR_NO_SAMPLES, overlap->first_total > 0 ? second_path : first_path, NULL);
    return false;
}
