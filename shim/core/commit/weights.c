#include "shim/core/commit/weights.h"

#include <stdbool.h>

static uint64_t weight_of(const uint64_t *passes, uint64_t starts)
{
    uint64_t learned = __atomic_load_n(passes, __ATOMIC_RELAXED);
    uint64_t weight =
        (learned + WEIGHTS_SMOOTHING * (uint64_t)PGORAW_WEIGHT_ONE) / (starts + WEIGHTS_SMOOTHING);
    uint64_t largest = WEIGHTS_LARGEST * (uint64_t)PGORAW_WEIGHT_ONE;
    return weight < largest ? weight : largest;
}

static bool has_begun_windows(const struct window_trace *trace)
{
    return trace->entry && __atomic_load_n(&trace->entry->starts, __ATOMIC_RELAXED) > 0;
}

static void passes_add(const struct window_trace *trace, uint32_t places, uint64_t weight)
{
    uint64_t share = (uint64_t)trace->credit * PGORAW_WEIGHT_ONE / places;
    __atomic_fetch_add(&trace->entry->passes[0], share, __ATOMIC_RELAXED);
    __atomic_fetch_add(&trace->entry->passes[1], share * weight / PGORAW_WEIGHT_ONE,
                       __ATOMIC_RELAXED);
}

uint64_t weights_learn(struct window_trace *traces, const uint8_t *order, uint32_t count)
{
    struct window_trace *first = &traces[order[0]], *credited = first;
    uint64_t starts, first_weight;
    uint32_t traces_seen = 0, waiting = 0;

    if (!first->entry || count < 2)
        return PGORAW_WEIGHT_ONE;
    starts = __atomic_add_fetch(&first->entry->starts, 1, __ATOMIC_RELAXED);
    first_weight = weight_of(&first->entry->passes[0], starts);
    /* Only a trace that begins windows can stand for others: the ones before it, as far as the
     * last that could.  So no part of the window is lost where code has many traces. */
    for (uint32_t i = 1; i < count; i++) {
        waiting++;
        if (order[i] > traces_seen)
            traces_seen = order[i];
        if (!has_begun_windows(&traces[order[i]]))
            continue;
        credited = &traces[order[i]];
        credited->credit += waiting;
        waiting = 0;
    }
    credited->credit += waiting;
    for (uint32_t i = 0; i <= traces_seen; i++)
        if (traces[i].credit)
            passes_add(&traces[i], count - 1, first_weight);
    return weight_of(&first->entry->passes[1], starts);
}
