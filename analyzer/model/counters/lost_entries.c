#include "analyzer/model/counters/lost_entries.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/counters/block_uses.h"

/* A copy of the function, by its context; and the same by the position of the call. */
struct function_copy {
    uint32_t where;
    bool has_beginning;
    bool is_outermost; /* what is around the call is not inlined */
    uint64_t most;     /* that any of its code ran */
};

struct copy_list {
    struct function_copy *items;
    size_t count, capacity;
};

struct lost_entry_finder {
    const struct ir_program *program;
    const struct position_counts *counts;
    const struct block_weigher *weigher;
    const struct call_sites *sites;
    struct block_uses uses;
    struct copy_list copies, calls;
};

struct lost_entry_finder *lost_entry_finder_new(const struct ir_program *program,
                                                const struct position_counts *counts,
                                                const struct block_weigher *weigher,
                                                const struct call_sites *sites, struct error *error)
{
    struct lost_entry_finder *finder = calloc(1, sizeof(*finder));
    if (!finder) {
        memory_exhausted(error);
        return NULL;
    }
    finder->program = program;
    finder->counts = counts;
    finder->weigher = weigher;
    finder->sites = sites;
    return finder;
}

void lost_entry_finder_free(struct lost_entry_finder *finder)
{
    if (!finder)
        return;
    block_uses_free(&finder->uses);
    free(finder->copies.items);
    free(finder->calls.items);
    free(finder);
}

static int compare_copies(const void *left, const void *right)
{
    return COMPARE(((const struct function_copy *)left)->where,
                   ((const struct function_copy *)right)->where);
}

static void sort_copies(struct copy_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_copies);
}

static bool add_copy(struct copy_list *list, struct function_copy copy, struct error *error)
{
    if (!memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof(copy), error))
        return false;
    list->items[list->count++] = copy;
    return true;
}

/* One item a context, with the most of all. */
static void join_copies(struct copy_list *list)
{
    size_t kept = 0;
    sort_copies(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct function_copy *copy = &list->items[i];
        struct function_copy *last = kept > 0 ? &list->items[kept - 1] : NULL;
        if (!last || last->where != copy->where) {
            list->items[kept++] = *copy;
            continue;
        }
        last->has_beginning |= copy->has_beginning;
        if (last->most < copy->most)
            last->most = copy->most;
    }
    list->count = kept;
}

static bool collect_copies(struct lost_entry_finder *finder, const struct ir_function *function,
                           struct error *error)
{
    const struct block_uses *uses = &finder->uses;
    finder->copies.count = 0;
    if (!block_uses_collect(&finder->uses, finder->program, function, error))
        return false;
    for (size_t i = 0; i < uses->count; i++) {
        uint32_t position = uses->items[i].position;
        for (const struct position_count *count = position_counts_first(finder->counts, position);
             count; count = position_counts_next(finder->counts, count)) {
            struct function_copy copy = {count->context, uses->items[i].block == 0, false,
                                         count->count};
            if (!block_weights_are_outside(finder->weigher, position, count->context) &&
                !add_copy(&finder->copies, copy, error))
                return false;
        }
    }
    join_copies(&finder->copies);
    return true;
}

/* The positions that a copy's call has in the functions around it. */
static bool add_calls(struct lost_entry_finder *finder, const struct function_copy *copy,
                      struct error *error)
{
    const struct position *contexts = finder->counts->contexts.items;
    uint32_t context = copy->where, position = POSITION_NONE;
    while (contexts[context].inner != POSITION_NONE) {
        struct position outer = contexts[context];
        context = outer.inner;
        outer.inner = position;
        position = positions_find(&finder->program->positions, outer);
        if (position == POSITION_NONE)
            return true;
        struct function_copy call = {position, copy->has_beginning,
                                     contexts[context].inner == POSITION_NONE, copy->most};
        if (!add_copy(&finder->calls, call, error))
            return false;
    }
    return true;
}

static size_t first_at(const struct copy_list *calls, uint32_t position)
{
    return SEARCH_COUNT(calls->count, i, calls->items[i].where < position);
}

static bool is_called_from(const struct lost_entry_finder *finder, uint32_t position)
{
    for (const struct position_target *target = position_targets_first(finder->counts, position);
         target; target = position_targets_next(finder->counts, target)) {
        if (!target->is_indirect)
            return true;
    }
    return false;
}

/* Whether the function that a position is in is one of the binary's, with code of it. */
static bool is_outlined(const struct lost_entry_finder *finder, uint32_t position)
{
    const struct copy_list *calls = &finder->calls;
    for (size_t i = first_at(calls, position);
         i < calls->count && calls->items[i].where == position; i++) {
        if (calls->items[i].is_outermost)
            return true;
    }
    for (const struct position_count *count = position_counts_first(finder->counts, position);
         count; count = position_counts_next(finder->counts, count)) {
        if (count->is_outermost)
            return true;
    }
    return false;
}

/* Whether a call is there, or what it was inlined with before the counters is called itself. */
static bool has_code(const struct lost_entry_finder *finder, uint32_t position)
{
    const struct position *positions = finder->program->positions.items;
    if (is_called_from(finder, position))
        return true;
    for (uint32_t part = positions[position].inner; part != POSITION_NONE;
         part = positions[part].inner) {
        if (is_outlined(finder, part))
            return true;
    }
    return false;
}

static void add_lost(const struct lost_entry_finder *finder, const struct ir_call *call,
                     uint64_t count, struct lost_entries *lost)
{
    uint32_t position = call->position;
    const struct copy_list *calls = &finder->calls;
    size_t first = first_at(calls, position), i = first;
    uint64_t without = 0;
    for (; i < calls->count && calls->items[i].where == position; i++)
        without = count_add(without, calls->items[i].has_beginning ? 0 : calls->items[i].most);
    if (i > first)
        lost->without_beginning =
            count_add(lost->without_beginning, without < count ? without : count);
    else if (!has_code(finder, position) && block_weights_merged_calls(finder->weigher, call) == 0)
        lost->without_code = count_add(lost->without_code, count);
}

bool lost_entries_find(struct lost_entry_finder *finder, uint32_t function, const uint64_t *blocks,
                       struct lost_entries *lost, struct error *error)
{
    const struct ir_program *program = finder->program;
    size_t count;
    const struct named_call *sites = call_sites_of(finder->sites, function, &count);
    *lost = (struct lost_entries){0};
    if (count == 0)
        return true;
    if (!collect_copies(finder, &program->functions[function], error))
        return false;
    finder->calls.count = 0;
    for (size_t i = 0; i < finder->copies.count; i++) {
        if (!add_calls(finder, &finder->copies.items[i], error))
            return false;
    }
    sort_copies(&finder->calls);
    for (size_t i = 0; i < count; i++) {
        const struct ir_call *call = &program->calls[sites[i].call];
        if (call->position != POSITION_NONE && blocks[sites[i].block] > 0)
            add_lost(finder, call, blocks[sites[i].block], lost);
    }
    return true;
}
