#include "analyzer/model/view/function_costs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/demangle.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "command-line/nearest_word.h"

#define NAME_SIZE 1024

struct cost_finder {
    struct function_costs *costs;
    const struct profile *profile;
    struct binaries *binaries;
    uint32_t module;         /* whose samples count; PROFILE_MODULE_NONE: all */
    uint32_t *item_of_stack; /* by stack node */
    uint64_t *totals;        /* by stack node: samples in it and in all that it called */
    struct error *error;
};

/* --- functions ---------------------------------------------------------------------------- */

static int compare_costs(const void *left, const void *right)
{
    const struct function_cost *a = left;
    const struct function_cost *b = right;
    int order = COMPARE(a->module, b->module);
    if (order)
        return order;
    if (!a->function || !b->function)
        return (a->function != NULL) - (b->function != NULL);
    return COMPARE(a->function->address, b->function->address);
}

static const struct function *function_at(const struct cost_finder *finder,
                                          struct location location)
{
    const struct binary *binary = binaries_get(finder->binaries, location.module);
    return binary ? binary_function_at(binary, location.address) : NULL;
}

static bool add_cost(struct cost_finder *finder, struct location location, uint64_t self,
                     uint64_t runs)
{
    struct function_costs *costs = finder->costs;
    if (!memory_reserve(&costs->items, &costs->capacity, costs->count + 1, sizeof(*costs->items),
                        finder->error))
        return false;
    costs->items[costs->count++] = (struct function_cost){.module = location.module,
                                                          .function = function_at(finder, location),
                                                          .self = self,
                                                          .runs = runs};
    return true;
}

static struct location place_of(const struct stack_node *node)
{
    return node->truncated ? (struct location){PROFILE_MODULE_NONE, 0} : node->location;
}

static bool is_counted(const struct cost_finder *finder, struct location sampled)
{
    return finder->module == PROFILE_MODULE_NONE || finder->module == sampled.module;
}

static bool add_trace(struct cost_finder *finder, const struct trace *trace)
{
    struct function_costs *costs = finder->costs;
    uint64_t count = is_counted(finder, trace->to) ? trace->count : 0;
    bool is_sample = trace->from.module == PROFILE_MODULE_NONE;
    if (!is_sample && trace->from.module != PROFILE_MODULE_OUTSIDE &&
        !add_cost(finder, trace->from, 0, 0))
        return false;
    if (!add_cost(finder, trace->to, is_sample ? count : 0, trace->count))
        return false;
    if (!is_sample)
        return true;
    costs->samples = count_add(costs->samples, count);
    if (trace->to.module == PROFILE_MODULE_OUTSIDE)
        costs->samples_outside = count_add(costs->samples_outside, count);
    else if (!costs->items[costs->count - 1].function)
        costs->samples_unnamed = count_add(costs->samples_unnamed, count);
    return true;
}

static void unite_costs(struct function_costs *costs)
{
    size_t kept = 0;
    if (costs->count > 0)
        qsort(costs->items, costs->count, sizeof(*costs->items), compare_costs);
    for (size_t i = 0; i < costs->count; i++) {
        struct function_cost *last = kept > 0 ? &costs->items[kept - 1] : NULL;
        if (last && compare_costs(last, &costs->items[i]) == 0) {
            last->self = count_add(last->self, costs->items[i].self);
            last->runs = count_add(last->runs, costs->items[i].runs);
        } else {
            costs->items[kept++] = costs->items[i];
        }
    }
    costs->count = kept;
}

static bool find_items(struct cost_finder *finder)
{
    const struct profile *profile = finder->profile;
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (!add_trace(finder, &profile->traces[i]))
            return false;
    }
    for (size_t i = 0; i < profile->stack_count; i++) {
        if (!add_cost(finder, place_of(&profile->stacks[i]), 0, 0))
            return false;
    }
    unite_costs(finder->costs);
    return true;
}

size_t function_costs_at(const struct function_costs *costs, uint32_t module,
                         const struct function *function)
{
    struct function_cost wanted = {.module = module, .function = function};
    const struct function_cost *found =
        costs->count > 0
            ? bsearch(&wanted, costs->items, costs->count, sizeof(wanted), compare_costs)
            : NULL;
    return found ? (size_t)(found - costs->items) : SIZE_MAX;
}

/* All locations of the profile are there. */
static uint32_t item_at(const struct cost_finder *finder, struct location location)
{
    size_t item = function_costs_at(finder->costs, location.module, function_at(finder, location));
    assert(item < finder->costs->count);
    return (uint32_t)item;
}

/* --- call stacks ---------------------------------------------------------------------------- */

static bool is_called_below(const struct cost_finder *finder, size_t node)
{
    const struct stack_node *stacks = finder->profile->stacks;
    for (uint32_t up = stacks[node].parent; up; up = stacks[up - 1].parent) {
        if (finder->item_of_stack[up - 1] == finder->item_of_stack[node])
            return true;
    }
    return false;
}

/* Whether the same call is among the callers of this one. */
static bool is_same_call_below(const struct cost_finder *finder, size_t node)
{
    const struct stack_node *stacks = finder->profile->stacks;
    const uint32_t *item = finder->item_of_stack;
    uint32_t caller = stacks[node].parent;
    for (uint32_t up = caller; stacks[up - 1].parent; up = stacks[up - 1].parent) {
        if (item[up - 1] == item[node] && item[stacks[up - 1].parent - 1] == item[caller - 1])
            return true;
    }
    return false;
}

static bool add_call(struct cost_finder *finder, struct function_call call)
{
    struct function_costs *costs = finder->costs;
    if (!memory_reserve(&costs->calls, &costs->call_capacity, costs->call_count + 1, sizeof(call),
                        finder->error))
        return false;
    costs->calls[costs->call_count++] = call;
    return true;
}

/* How many samples with a call stack each function has, by item. */
static void count_stacks(struct cost_finder *finder, uint64_t *stacks)
{
    struct function_costs *costs = finder->costs;
    for (size_t i = 0; i < finder->profile->stack_count; i++) {
        const struct stack_node *node = &finder->profile->stacks[i];
        finder->item_of_stack[i] = item_at(finder, place_of(node));
        if (!is_counted(finder, node->location))
            continue;
        uint64_t *own = &stacks[finder->item_of_stack[i]];
        *own = count_add(*own, node->count);
        costs->stacks = count_add(costs->stacks, node->count);
    }
}

/* The first `part` of `all` call stacks stand for that many of the function's samples. */
static uint64_t samples_of(uint64_t samples, uint64_t part, uint64_t all)
{
    if (part == all)
        return samples;
    return (uint64_t)((double)samples * (double)part / (double)all);
}

/*
 * The recorder takes a call stack with some of the samples only: those of a function stand for its
 * other samples too, each for the same part of them.  Of profiles without any samples they stand
 * for themselves.
 */
static void share_out_samples(struct cost_finder *finder, const uint64_t *stacks, uint64_t *taken)
{
    struct function_costs *costs = finder->costs;
    for (size_t i = 0; i < costs->count; i++) {
        struct function_cost *cost = &costs->items[i];
        if (stacks[i] == 0)
            cost->stackless = cost->self;
        cost->total = cost->stackless;
    }
    costs->whole = costs->samples > 0 ? costs->samples : costs->stacks;
    for (size_t i = 0; i < finder->profile->stack_count; i++) {
        const struct stack_node *node = &finder->profile->stacks[i];
        uint32_t item = finder->item_of_stack[i];
        if (node->count == 0 || !is_counted(finder, node->location))
            continue;
        uint64_t self = costs->samples > 0 ? costs->items[item].self : stacks[item];
        uint64_t before = samples_of(self, taken[item], stacks[item]);
        taken[item] = count_add(taken[item], node->count);
        costs->stack_samples[i] = samples_of(self, taken[item], stacks[item]) - before;
    }
}

static bool add_up_stacks(struct cost_finder *finder)
{
    const struct profile *profile = finder->profile;
    struct function_costs *costs = finder->costs;
    /* Callers come first. */
    for (size_t i = profile->stack_count; i-- > 0;) {
        uint32_t caller = profile->stacks[i].parent;
        finder->totals[i] = count_add(finder->totals[i], costs->stack_samples[i]);
        if (caller)
            finder->totals[caller - 1] = count_add(finder->totals[caller - 1], finder->totals[i]);
    }
    for (size_t i = 0; i < profile->stack_count; i++) {
        struct function_cost *cost = &costs->items[finder->item_of_stack[i]];
        uint32_t caller = profile->stacks[i].parent;
        if (finder->totals[i] == 0)
            continue; /* it is there for traces by callers */
        if (!is_called_below(finder, i))
            cost->total = count_add(cost->total, finder->totals[i]);
        if (caller && !is_same_call_below(finder, i) &&
            !add_call(finder, (struct function_call){.caller = finder->item_of_stack[caller - 1],
                                                     .callee = finder->item_of_stack[i],
                                                     .samples = finder->totals[i]}))
            return false;
    }
    return true;
}

static bool find_totals(struct cost_finder *finder)
{
    uint64_t *stacks = calloc(finder->costs->count + 1, sizeof(*stacks));
    uint64_t *taken = calloc(finder->costs->count + 1, sizeof(*taken));
    bool done = stacks && taken;
    if (done) {
        count_stacks(finder, stacks);
        share_out_samples(finder, stacks, taken);
        done = add_up_stacks(finder);
    } else {
        memory_exhausted(finder->error);
    }
    free(stacks);
    free(taken);
    return done;
}

/* --- calls ------------------------------------------------------------------------------ */

/* A branch to the beginning of another function, which is a call or a jump in its place. */
static bool add_counted_calls(struct cost_finder *finder)
{
    for (size_t i = 0; i < finder->profile->trace_count; i++) {
        const struct trace *trace = &finder->profile->traces[i];
        if (trace->from.module >= finder->profile->module_count)
            continue;
        uint32_t callee = item_at(finder, trace->to);
        uint32_t caller = item_at(finder, trace->from);
        const struct function *called = finder->costs->items[callee].function;
        if (!called || called->address != trace->to.address || caller == callee)
            continue;
        if (!add_call(finder, (struct function_call){
                                  .caller = caller, .callee = callee, .calls = trace->count}))
            return false;
    }
    return true;
}

static int compare_calls(const void *left, const void *right)
{
    const struct function_call *a = left;
    const struct function_call *b = right;
    int order = COMPARE(a->caller, b->caller);
    return order ? order : COMPARE(a->callee, b->callee);
}

static void unite_calls(struct function_costs *costs)
{
    size_t kept = 0;
    if (costs->call_count > 0)
        qsort(costs->calls, costs->call_count, sizeof(*costs->calls), compare_calls);
    for (size_t i = 0; i < costs->call_count; i++) {
        struct function_call *last = kept > 0 ? &costs->calls[kept - 1] : NULL;
        if (last && compare_calls(last, &costs->calls[i]) == 0) {
            last->samples = count_add(last->samples, costs->calls[i].samples);
            last->calls = count_add(last->calls, costs->calls[i].calls);
        } else {
            costs->calls[kept++] = costs->calls[i];
        }
    }
    costs->call_count = kept;
}

bool function_costs_find(struct function_costs *costs, const struct profile *profile,
                         struct binaries *binaries, uint32_t module, struct error *error)
{
    assert(profile->is_normalised);
    struct cost_finder finder = {costs,
                                 profile,
                                 binaries,
                                 module,
                                 calloc(profile->stack_count + 1, sizeof(uint32_t)),
                                 calloc(profile->stack_count + 1, sizeof(uint64_t)),
                                 error};
    *costs = (struct function_costs){
        .stack_samples = calloc(profile->stack_count + 1, sizeof(*costs->stack_samples))};
    bool done = finder.item_of_stack && finder.totals && costs->stack_samples;
    if (!done)
        memory_exhausted(error);
    done = done && find_items(&finder) && find_totals(&finder) && add_counted_calls(&finder);
    if (done)
        unite_calls(costs);
    free(finder.item_of_stack);
    free(finder.totals);
    return done;
}

void function_costs_free(struct function_costs *costs)
{
    free(costs->items);
    free(costs->calls);
    free(costs->stack_samples);
    *costs = (struct function_costs){0};
}

/* --- orders -------------------------------------------------------------------------------- */

struct ordered_cost {
    const struct function_cost *cost;
    uint32_t index;
};

static int compare_order(const struct ordered_cost *a, const struct ordered_cost *b,
                         const uint64_t left[3], const uint64_t right[3])
{
    for (size_t i = 0; i < 3; i++) {
        if (left[i] != right[i])
            return left[i] > right[i] ? -1 : 1;
    }
    return COMPARE(a->index, b->index);
}

static int compare_self(const void *left, const void *right)
{
    const struct function_cost *a = ((const struct ordered_cost *)left)->cost;
    const struct function_cost *b = ((const struct ordered_cost *)right)->cost;
    return compare_order(left, right, (const uint64_t[]){a->self, a->total, a->runs},
                         (const uint64_t[]){b->self, b->total, b->runs});
}

static int compare_total(const void *left, const void *right)
{
    const struct function_cost *a = ((const struct ordered_cost *)left)->cost;
    const struct function_cost *b = ((const struct ordered_cost *)right)->cost;
    return compare_order(left, right, (const uint64_t[]){a->total, a->self, a->runs},
                         (const uint64_t[]){b->total, b->self, b->runs});
}

static int compare_names(const void *left, const void *right)
{
    const struct ordered_cost *a = left;
    const struct ordered_cost *b = right;
    int order = 0;
    if (a->cost->function && b->cost->function)
        order = strcmp(a->cost->function->name, b->cost->function->name);
    else
        order = (a->cost->function == NULL) - (b->cost->function == NULL);
    return order ? order : COMPARE(a->index, b->index);
}

uint32_t *function_costs_order(const struct function_costs *costs, enum function_order order,
                               struct error *error)
{
    static int (*const comparisons[])(const void *,
                                      const void *) = {[ORDER_BY_SELF] = compare_self,
                                                       [ORDER_BY_TOTAL] = compare_total,
                                                       [ORDER_BY_NAME] = compare_names};
    struct ordered_cost *ordered = calloc(costs->count + 1, sizeof(*ordered));
    uint32_t *indices = calloc(costs->count + 1, sizeof(*indices));
    if (!ordered || !indices) {
        free(ordered);
        free(indices);
        memory_exhausted(error);
        return NULL;
    }
    for (size_t i = 0; i < costs->count; i++)
        ordered[i] = (struct ordered_cost){&costs->items[i], (uint32_t)i};
    qsort(ordered, costs->count, sizeof(*ordered), comparisons[order]);
    for (size_t i = 0; i < costs->count; i++)
        indices[i] = ordered[i].index;
    free(ordered);
    return indices;
}

/* --- names --------------------------------------------------------------------------------- */

static bool is_named(const struct function *function, const char *name)
{
    char text[NAME_SIZE];
    return strcmp(function->name, name) == 0 ||
           strcmp(demangle_name(function->name, text, sizeof(text)), name) == 0;
}

/* What reports leave out of long names, where "..." or "…" stands for it, may be anything. */
static bool has_parts(const char *name, const char *part)
{
    static const char *const gaps[] = {"...", "…"};
    const char *gap = NULL;
    size_t gap_size = 0;
    for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
        const char *found = strstr(part, gaps[i]);
        if (found && (!gap || found < gap)) {
            gap = found;
            gap_size = strlen(gaps[i]);
        }
    }
    if (!gap)
        return strstr(name, part) != NULL;
    size_t size = (size_t)(gap - part);
    const char *found = memmem(name, strlen(name), part, size);
    return found && has_parts(found + size, gap + gap_size);
}

static bool has_in_name(const struct function *function, const char *part)
{
    char text[NAME_SIZE];
    return strstr(function->name, part) ||
           has_parts(demangle_name(function->name, text, sizeof(text)), part);
}

/* Of those that may be meant: the one whose name differs by few letters, the hotter of two. */
static const struct function *nearest_function(const struct function_costs *costs,
                                               const uint32_t *order, const char *name)
{
    const struct function *nearest = NULL;
    size_t distance = WORD_MISTYPED + 1;
    char text[NAME_SIZE];
    for (size_t i = 0; i < costs->count; i++) {
        const struct function *function = costs->items[order[i]].function;
        if (!function)
            continue;
        demangle_name(function->name, text, sizeof(text));
        text_end_before(text, "("); /* nobody types the parameters of C++ */
        size_t found = word_distance(name, text);
        if (found < distance) {
            distance = found;
            nearest = function;
        }
    }
    return nearest;
}

/*
 * "did you mean 'a'?", or those that have the word in their names, else the hottest.
 */
static void refuse_name(const struct function_costs *costs, const uint32_t *order, const char *name,
                        size_t alike, struct error *error)
{
    char text[400];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s",
                                   alike > 0 ? "several functions have it in their names"
                                             : "no function of that name ran; the hottest");
    size_t told = 0;
    const struct function *nearest = alike > 0 ? NULL : nearest_function(costs, order, name);
    if (nearest) {
        demangle_name(nearest->name, text, sizeof(text));
        error_set(error, ERROR_FUNCTION_NOT_RUN, name, "did you mean '%s'?", text);
        return;
    }
    for (size_t i = 0; i < costs->count && told < 3 && used < sizeof(text); i++) {
        const struct function *function = costs->items[order[i]].function;
        char readable[100];
        if (!function || (alike > 0 && !has_in_name(function, name)))
            continue;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s", told > 0 ? "," : ":",
                                 demangle_name(function->name, readable, sizeof(readable)));
        told++;
    }
    error_set(error, ERROR_FUNCTION_NOT_RUN, name, "%s", text);
}

bool function_costs_named(const struct function_costs *costs, const char *name, uint32_t module,
                          size_t *index, struct error *error)
{
    uint32_t *order = function_costs_order(costs, ORDER_BY_SELF, error);
    size_t alike = 0;
    bool found = false;
    if (!order)
        return false;
    for (size_t i = 0; !found && i < costs->count; i++) {
        const struct function_cost *cost = &costs->items[order[i]];
        if (!cost->function || (module != PROFILE_MODULE_NONE && cost->module != module))
            continue;
        found = is_named(cost->function, name);
        if (!found && !has_in_name(cost->function, name))
            continue;
        if (found || alike++ == 0)
            *index = order[i];
    }
    if (!found && alike != 1)
        refuse_name(costs, order, name, alike, error);
    free(order);
    return found || alike == 1;
}
