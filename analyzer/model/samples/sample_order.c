#include "analyzer/model/samples/sample_order.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/model/samples/context_name.h"

static int compare_targets(const void *left, const void *right)
{
    const struct sample_target *a = left;
    const struct sample_target *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->function, b->function);
}

static int compare_totals(const void *left, const void *right)
{
    const struct sample_function *a = *(struct sample_function *const *)left;
    const struct sample_function *b = *(struct sample_function *const *)right;
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return context_name_compare(a->name, b->name);
}

static void sort_targets(struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++) {
        struct sample_record *record = &function->records[i];
        if (record->target_count > 1)
            qsort(record->targets, record->target_count, sizeof(*record->targets), compare_targets);
    }
    for (size_t i = 0; i < function->inlined_count; i++)
        sort_targets(function->inlined[i]);
}

void sample_profile_sort(struct sample_profile *samples)
{
    struct sample_function *top = &samples->top;
    sort_targets(top);
    if (top->inlined_count > 1)
        qsort((void *)top->inlined, top->inlined_count, sizeof(struct sample_function *),
              compare_totals);
}
