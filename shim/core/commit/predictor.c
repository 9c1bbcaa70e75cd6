#include "shim/core/commit/predictor.h"

#include <stdbool.h>

#include "shim/core/window/window.h"

#define SLOT_BITS 15
#define CONFIDENCE 3u

/*
 * What follows two traces: the next one's identity in the upper 30 bits, and in
 * the lower two how often in a row it did, as CPUs count (up to 3, down to 0,
 * then replaced).  0: nothing was seen yet.  Different pairs may share a slot.
 */
static uint32_t slots[1u << SLOT_BITS];

/* Entries never move in a process. */
static uint32_t identity(const struct window_trace *trace)
{
    uint64_t hash = (uint64_t)(uintptr_t)trace->entry * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32) | (CONFIDENCE + 1);
}

static uint32_t *slot_of(uint32_t before, uint32_t last)
{
    uint64_t hash = ((uint64_t)before << 32 | last) * UINT64_C(0x9e3779b97f4a7c15);
    return &slots[(hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOT_BITS)];
}

/* True: `next` is not what was expected here. */
static bool misses(uint32_t *slot, uint32_t next)
{
    uint32_t expected = __atomic_load_n(slot, __ATOMIC_RELAXED);
    uint32_t confidence = expected & CONFIDENCE;
    bool wrong = expected && (expected | CONFIDENCE) != (next | CONFIDENCE);

    if (!expected || (wrong && confidence == 0))
        expected = (next & ~CONFIDENCE) | 1;
    else if (wrong)
        expected--;
    else if (confidence < CONFIDENCE)
        expected++;
    __atomic_store_n(slot, expected, __ATOMIC_RELAXED);
    return wrong;
}

uint32_t predictor_misses(const struct window_trace *traces, const uint8_t *order, uint32_t count)
{
    uint32_t *places[WINDOW_MOST_BRANCHES];
    uint32_t wrong = 0, before = 0, last = 0;

    /* First ask for the memory of all: it is seldom in the cache. */
    for (uint32_t i = 0; i < count; i++) {
        places[i] = slot_of(before, last);
        __builtin_prefetch(places[i], 1);
        before = last;
        last = identity(&traces[order[i]]);
    }
    for (uint32_t i = 2; i < count; i++)
        wrong += misses(places[i], identity(&traces[order[i]]));
    return wrong;
}
