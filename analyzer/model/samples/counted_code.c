#include "analyzer/model/samples/counted_code.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/code/decoder.h"

/* Where runs begin and end: what is counted from an address on, until the next. */
struct count_step {
    uint64_t address;
    bool is_end;
    uint64_t count;
};

struct steps {
    struct count_step *items;
    size_t count, capacity;
};

/* Runs name their last instruction by its beginning. */
static uint64_t end_of(struct decoder *decoder, uint64_t address)
{
    struct instruction last;
    return address + (decoder_decode(decoder, address, &last) ? last.size : 1);
}

static bool add_steps(struct steps *steps, uint64_t start, uint64_t end, uint64_t count,
                      struct error *error)
{
    if (!memory_reserve(&steps->items, &steps->capacity, steps->count + 2,
                        sizeof(struct count_step), error))
        return false;
    steps->items[steps->count++] = (struct count_step){start, false, count};
    steps->items[steps->count++] = (struct count_step){end, true, count};
    return true;
}

static int compare_steps(const void *left, const void *right)
{
    uint64_t a = ((const struct count_step *)left)->address;
    uint64_t b = ((const struct count_step *)right)->address;
    return COMPARE(a, b);
}

/*
 * All code of a function that ran at all is counted, if only with 0: to the
 * compiler that is cold, and what is missing is not known.
 */
static bool collect_steps(struct steps *steps, const struct source_lines *lines,
                          const struct ranges_and_branches *counts, struct decoder *decoder,
                          struct error *error)
{
    size_t range_count;
    const struct source_range *ranges = source_ranges(lines, &range_count);
    bool *touched = calloc(range_count + 1, sizeof(*touched));
    bool done = touched != NULL;
    if (!done)
        memory_exhausted(error);
    for (size_t i = 0; done && i < counts->range_count; i++) {
        const struct counted_pair *run = &counts->ranges[i];
        const struct source_range *range = source_range_at(lines, run->from);
        done = add_steps(steps, run->from, end_of(decoder, run->to), run->count, error);
        if (!range || touched[range - ranges])
            continue;
        const char *name = range->function;
        for (range = NULL; done && (range = source_range_of_name(lines, name, range));) {
            touched[range - ranges] = true;
            done = add_steps(steps, range->start, range->end, 0, error);
        }
    }
    free(touched);
    if (done && steps->count > 0)
        qsort(steps->items, steps->count, sizeof(struct count_step), compare_steps);
    return done;
}

/* The ranges that steps are in, cut where the count changes. */
static bool visit_stretches(const struct source_lines *lines, const struct steps *steps,
                            counted_code_visitor *visit, void *context, struct error *error)
{
    size_t range_count;
    const struct source_range *ranges = source_ranges(lines, &range_count);
    uint64_t address = 0;
    unsigned __int128 count = 0; /* any sum of counts */
    size_t covering = 0;
    size_t next = 0;
    for (size_t i = 0; i < range_count; i++) {
        progress_step("counting source lines", i, range_count);
        if (address < ranges[i].start)
            address = ranges[i].start;
        while (address < ranges[i].end) {
            uint64_t end = ranges[i].end;
            for (; next < steps->count && steps->items[next].address <= address; next++) {
                const struct count_step *step = &steps->items[next];
                covering = step->is_end ? covering - 1 : covering + 1;
                count = step->is_end ? count - step->count : count + step->count;
            }
            if (next < steps->count && steps->items[next].address < end)
                end = steps->items[next].address;
            if (covering > 0 && !visit(context, address, end,
                                       count > UINT64_MAX ? UINT64_MAX : (uint64_t)count, error))
                return false;
            address = end;
        }
    }
    return true;
}

bool counted_code_visit(const struct source_lines *lines, const struct ranges_and_branches *counts,
                        const struct binary *binary, counted_code_visitor *visit, void *context,
                        struct error *error)
{
    struct steps steps = {0};
    struct decoder *decoder = decoder_of(binary, error);
    bool done = decoder && collect_steps(&steps, lines, counts, decoder, error) &&
                visit_stretches(lines, &steps, visit, context, error);
    free(steps.items);
    return done;
}
