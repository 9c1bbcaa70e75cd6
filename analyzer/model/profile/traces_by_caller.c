#include "analyzer/model/profile/traces_by_caller.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

void traces_by_caller_free(struct traces_by_caller *traces)
{
    free(traces->items);
    *traces = (struct traces_by_caller){0};
}

bool traces_by_caller_add(struct traces_by_caller *traces, const struct trace_by_caller *item,
                          struct error *error)
{
    if (!memory_reserve(&traces->items, &traces->capacity, traces->count + 1,
                        sizeof(*traces->items), error))
        return false;
    traces->items[traces->count++] = *item;
    return true;
}

bool traces_by_caller_merge(struct traces_by_caller *into, const struct traces_by_caller *from,
                            uint64_t weight, size_t first_trace, size_t first_stack,
                            struct error *error)
{
    for (size_t i = 0; i < from->count; i++) {
        struct trace_by_caller item = from->items[i];
        item.callers = item.callers ? (uint32_t)(item.callers + first_stack) : 0;
        item.trace = (uint32_t)(item.trace + first_trace);
        item.count = count_multiply(item.count, weight);
        item.correction = count_multiply_signed(item.correction, weight);
        if (!traces_by_caller_add(into, &item, error))
            return false;
    }
    return true;
}

void traces_by_caller_move_traces(struct traces_by_caller *traces, const uint32_t *numbers)
{
    for (size_t i = 0; i < traces->count; i++)
        traces->items[i].trace = numbers[traces->items[i].trace];
}

void traces_by_caller_move_stacks(struct traces_by_caller *traces, const uint32_t *numbers)
{
    for (size_t i = 0; i < traces->count; i++) {
        struct trace_by_caller *item = &traces->items[i];
        item->callers = item->callers ? numbers[item->callers - 1] : 0;
    }
}

static int compare(const void *left, const void *right)
{
    const struct trace_by_caller *a = left;
    const struct trace_by_caller *b = right;
    if (a->callers != b->callers)
        return a->callers < b->callers ? -1 : 1;
    return (a->trace > b->trace) - (a->trace < b->trace);
}

void traces_by_caller_sum(struct traces_by_caller *traces)
{
    size_t kept = 0;
    if (traces->count > 0)
        qsort(traces->items, traces->count, sizeof(*traces->items), compare);
    for (size_t i = 0; i < traces->count; i++) {
        const struct trace_by_caller *item = &traces->items[i];
        if (item->count == 0)
            continue;
        if (kept > 0 && compare(&traces->items[kept - 1], item) == 0) {
            struct trace_by_caller *same = &traces->items[kept - 1];
            same->count = count_add(same->count, item->count);
            same->correction = count_add_signed(same->correction, item->correction);
        } else {
            traces->items[kept++] = *item;
        }
    }
    traces->count = kept;
}
