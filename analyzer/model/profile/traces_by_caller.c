#include "analyzer/model/profile/traces_by_caller.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

void context_traces_free(struct context_traces *traces)
{
    free(traces->items);
    *traces = (struct context_traces){0};
}

bool context_traces_add(struct context_traces *traces, const struct context_trace *item,
                        struct error *error)
{
    if (!memory_reserve(&traces->items, &traces->capacity, traces->count + 1,
                        sizeof(*traces->items), error))
        return false;
    traces->items[traces->count++] = *item;
    return true;
}

bool context_traces_merge(struct context_traces *into, const struct context_traces *from,
                          uint64_t weight, size_t first_trace, size_t first_stack,
                          struct error *error)
{
    for (size_t i = 0; i < from->count; i++) {
        struct context_trace item = from->items[i];
        item.callers = item.callers ? (uint32_t)(item.callers + first_stack) : 0;
        item.trace = (uint32_t)(item.trace + first_trace);
        item.count = count_multiply(item.count, weight);
        item.correction = count_multiply_signed(item.correction, weight);
        if (!context_traces_add(into, &item, error))
            return false;
    }
    return true;
}

void context_traces_move_traces(struct context_traces *traces, const uint32_t *numbers)
{
    for (size_t i = 0; i < traces->count; i++)
        traces->items[i].trace = numbers[traces->items[i].trace];
}

void context_traces_move_stacks(struct context_traces *traces, const uint32_t *numbers)
{
    for (size_t i = 0; i < traces->count; i++) {
        struct context_trace *item = &traces->items[i];
        item->callers = item->callers ? numbers[item->callers - 1] : 0;
    }
}

static int compare(const void *left, const void *right)
{
    const struct context_trace *a = left;
    const struct context_trace *b = right;
    if (a->callers != b->callers)
        return a->callers < b->callers ? -1 : 1;
    return (a->trace > b->trace) - (a->trace < b->trace);
}

void context_traces_sum(struct context_traces *traces)
{
    size_t kept = 0;
    if (traces->count > 0)
        qsort(traces->items, traces->count, sizeof(*traces->items), compare);
    for (size_t i = 0; i < traces->count; i++) {
        const struct context_trace *item = &traces->items[i];
        if (item->count == 0)
            continue;
        if (kept > 0 && compare(&traces->items[kept - 1], item) == 0) {
            struct context_trace *same = &traces->items[kept - 1];
            same->count = count_add(same->count, item->count);
            same->correction = count_add_signed(same->correction, item->correction);
        } else {
            traces->items[kept++] = *item;
        }
    }
    traces->count = kept;
}
