#include "analyzer/model/binary/address_ranges.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

bool address_ranges_add(struct address_ranges *ranges, uint64_t start, uint64_t end,
                        struct error *error)
{
    const struct address_range *last = ranges->count > 0 ? &ranges->items[ranges->count - 1] : NULL;
    /* Profiles are sorted: the same comes again and again. */
    if (start >= end || (last && last->start <= start && end <= last->end))
        return true;
    if (!memory_reserve(&ranges->items, &ranges->capacity, ranges->count + 1,
                        sizeof(*ranges->items), error))
        return false;
    ranges->items[ranges->count++] = (struct address_range){start, end};
    return true;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = ((const struct address_range *)left)->start;
    uint64_t b = ((const struct address_range *)right)->start;
    return COMPARE(a, b);
}

void address_ranges_join(struct address_ranges *ranges)
{
    size_t kept = 0;
    if (ranges->count == 0)
        return;
    qsort(ranges->items, ranges->count, sizeof(*ranges->items), compare);
    for (size_t i = 1; i < ranges->count; i++) {
        struct address_range *last = &ranges->items[kept];
        if (ranges->items[i].start > last->end)
            ranges->items[++kept] = ranges->items[i];
        else if (ranges->items[i].end > last->end)
            last->end = ranges->items[i].end;
    }
    ranges->count = kept + 1;
}

size_t address_ranges_from(const struct address_ranges *ranges, uint64_t address)
{
    return SEARCH_COUNT(ranges->count, i, ranges->items[i].end <= address);
}

bool address_ranges_meet(const struct address_ranges *ranges, uint64_t start, uint64_t end)
{
    size_t index = address_ranges_from(ranges, start);
    return start < end && index < ranges->count && ranges->items[index].start < end;
}

void address_ranges_free(struct address_ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct address_ranges){0};
}
