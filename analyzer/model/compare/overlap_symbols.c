/* What two profiles by symbol have in common. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/compare/overlap.h"

/* A record as one of a function's: of that which control left or, from elsewhere, came to. */
struct symbol_count {
    const char *function;
    const struct symbol_record *record;
};

struct symbol_counts {
    struct symbol_count *items; /* by function, then by record */
    size_t count;
    uint64_t total;
};

static int compare_entries(const void *left, const void *right)
{
    const struct symbol_count *a = left;
    const struct symbol_count *b = right;
    int order = strcmp(a->function, b->function);
    return order ? order : symbol_record_compare(a->record, b->record);
}

/* Reads of data are no part of it. */
static bool collect(struct symbol_counts *entries, const struct symbol_profile *profile,
                    struct error *error)
{
    entries->items = calloc(profile->count + 1, sizeof(*entries->items));
    if (!entries->items)
        return memory_exhausted(error);
    for (size_t i = 0; i < profile->count; i++) {
        const struct symbol_record *record = &profile->records[i];
        bool is_from = record->from.kind != SYMBOL_UNKNOWN || !record->to.name;
        if (record->event == SYMBOL_EVENT_MEMORY)
            continue;
        entries->items[entries->count++] =
            (struct symbol_count){is_from ? record->from.name : record->to.name, record};
        entries->total = count_add(entries->total, record->count);
    }
    qsort(entries->items, entries->count, sizeof(*entries->items), compare_entries);
    return true;
}

static uint64_t count_function(const struct symbol_counts *entries, size_t first, const char *name)
{
    uint64_t count = 0;
    for (size_t i = first; i < entries->count && strcmp(entries->items[i].function, name) == 0; i++)
        count = count_add(count, entries->items[i].record->count);
    return count;
}

/* Adds a place to its function, and to what the whole profiles have in common. */
static void add_place(struct overlap *overlap, struct overlap_function *function,
                      const struct symbol_record *first, const struct symbol_record *second)
{
    uint64_t a = first ? first->count : 0;
    uint64_t b = second ? second->count : 0;
    overlap->similarity +=
        fmin(overlap_share(a, overlap->first_total), overlap_share(b, overlap->second_total));
    function->similarity +=
        fmin(overlap_share(a, function->first_count), overlap_share(b, function->second_count));
    function->common_count = count_add(function->common_count, a < b ? a : b);
    function->any_count = count_add(function->any_count, a > b ? a : b);
    if (!second)
        function->first_only = count_add(function->first_only, a);
    if (!first)
        function->second_only = count_add(function->second_only, b);
    overlap->places.both += first && second;
    overlap->places.first_only += !second;
    overlap->places.second_only += !first;
}

/* The function that both lists go on with: theirs that comes first. */
static const char *next_function(const struct symbol_counts *first, size_t i,
                                 const struct symbol_counts *second, size_t k)
{
    if (i == first->count)
        return second->items[k].function;
    if (k == second->count || strcmp(first->items[i].function, second->items[k].function) < 0)
        return first->items[i].function;
    return second->items[k].function;
}

static bool is_of(const struct symbol_counts *entries, size_t i, const char *function)
{
    return i < entries->count && strcmp(entries->items[i].function, function) == 0;
}

static bool compare(struct overlap *overlap, const struct symbol_counts *first,
                    const struct symbol_counts *second, struct error *error)
{
    size_t i = 0;
    size_t k = 0;
    while (i < first->count || k < second->count) {
        const char *name = next_function(first, i, second, k);
        struct overlap_function function = {.name = name,
                                            .in_first = is_of(first, i, name),
                                            .in_second = is_of(second, k, name),
                                            .first_count = count_function(first, i, name),
                                            .second_count = count_function(second, k, name)};
        function.first_share = overlap_share(function.first_count, overlap->first_total);
        function.second_share = overlap_share(function.second_count, overlap->second_total);
        while (is_of(first, i, name) || is_of(second, k, name)) {
            int order = !is_of(first, i, name)    ? 1
                        : !is_of(second, k, name) ? -1
                                                  : symbol_record_compare(first->items[i].record,
                                                                          second->items[k].record);
            add_place(overlap, &function, order <= 0 ? first->items[i].record : NULL,
                      order >= 0 ? second->items[k].record : NULL);
            i += order <= 0;
            k += order >= 0;
        }
        if (!overlap_add(overlap, &function, error))
            return false;
    }
    return true;
}

bool overlap_symbols(struct overlap *overlap, const struct symbol_profile *first,
                     const char *first_path, const struct symbol_profile *second,
                     const char *second_path, struct error *error)
{
    struct symbol_counts a = {0};
    struct symbol_counts b = {0};
    *overlap = (struct overlap){0};
    if (first->count > 0 && second->count > 0 && first->is_sampled != second->is_sampled) {
        error_set(error, ERROR_PROFILE_KIND, second_path, "only one of both has branches");
        return false;
    }
    bool done = collect(&a, first, error) && collect(&b, second, error);
    overlap->first_total = a.total;
    overlap->second_total = b.total;
    done = done && overlap_check_totals(overlap, first_path, second_path, error) &&
           compare(overlap, &a, &b, error);
    overlap_sort(overlap);
    free(a.items);
    free(b.items);
    return done;
}
