#include "analyzer/model/profile/normalise.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "include/pgoshim/raw.h"

int module_compare(const struct module *a, const struct module *b)
{
    int order = strcmp(a->path, b->path);
    if (order == 0)
        order = COMPARE(a->build_id_size, b->build_id_size);
    if (order == 0)
        order = memcmp(a->build_id, b->build_id, a->build_id_size);
    if (order == 0)
        order = COMPARE(a->has_file_offsets, b->has_file_offsets);
    return order;
}

static int compare_locations(const struct location *a, const struct location *b)
{
    int order = COMPARE(a->module, b->module);
    return order ? order : COMPARE(a->address, b->address);
}

static int compare_traces(const void *left, const void *right)
{
    const struct trace *a = left;
    const struct trace *b = right;
    int order = compare_locations(&a->from, &b->from);
    if (order == 0)
        order = compare_locations(&a->to, &b->to);
    if (order == 0)
        order = COMPARE(a->has_range, b->has_range);
    if (order == 0)
        order = COMPARE(a->end, b->end);
    return order;
}

static int compare_recordings(const void *left, const void *right)
{
    const struct recording *a = left;
    const struct recording *b = right;
    int order = COMPARE(a->start_time_ns, b->start_time_ns);
    if (order == 0)
        order = COMPARE(a->process_id, b->process_id);
    if (order == 0)
        order = strcmp(a->host, b->host);
    if (order == 0)
        order = strcmp(a->program, b->program);
    if (order == 0)
        order = strcmp(a->command_line, b->command_line);
    if (order == 0)
        order = memcmp(a->counters, b->counters, PGORAW_MAX_COUNTERS * sizeof(*a->counters));
    if (order == 0)
        order = strcmp(a->file, b->file);
    return order;
}

static int compare_module_numbers(const void *left, const void *right, void *context)
{
    const struct module *modules = context;
    return module_compare(&modules[*(const uint32_t *)left], &modules[*(const uint32_t *)right]);
}

static void renumber(struct location *location, const uint32_t *numbers)
{
    if (location->module < PROFILE_MODULE_NONE)
        location->module = numbers[location->module];
}

/* Sorts the modules and takes everybody's module numbers along. */
static bool sort_modules(struct profile *profile, struct error *error)
{
    size_t count = profile->module_count;
    uint32_t *order = calloc(count + 1, sizeof(*order));
    uint32_t *numbers = calloc(count + 1, sizeof(*numbers));
    struct module *sorted = calloc(count + 1, sizeof(*sorted));
    bool done = order && numbers && sorted;
    if (!done) {
        memory_exhausted(error);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof(*order), compare_module_numbers, profile->modules);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = profile->modules[order[i]];
        numbers[order[i]] = (uint32_t)i;
    }
    if (count > 0)
        memcpy(profile->modules, sorted, count * sizeof(*sorted));
    for (size_t i = 0; i < profile->trace_count; i++) {
        renumber(&profile->traces[i].from, numbers);
        renumber(&profile->traces[i].to, numbers);
    }
    for (size_t i = 0; i < profile->stack_count; i++)
        renumber(&profile->stacks[i].location, numbers);
    done = profile_index_modules(profile, error);
out:
    free(order);
    free(numbers);
    free(sorted);
    return done;
}

static void sum_traces(struct profile *profile)
{
    size_t kept = 0;
    if (profile->trace_count > 0)
        qsort(profile->traces, profile->trace_count, sizeof(*profile->traces), compare_traces);
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->count == 0)
            continue;
        if (kept > 0 && compare_traces(&profile->traces[kept - 1], trace) == 0) {
            struct trace *same = &profile->traces[kept - 1];
            same->count = count_add(same->count, trace->count);
            same->correction = count_add_signed(same->correction, trace->correction);
        } else {
            profile->traces[kept++] = *trace;
        }
    }
    profile->trace_count = kept;
}

/* What was counted of a trace under its callers goes where the trace does. */
static void drop_contexts(struct profile *profile)
{
    for (size_t i = 0; i < profile->traces_by_caller.count; i++) {
        struct trace_by_caller *item = &profile->traces_by_caller.items[i];
        if (profile->traces[item->trace].count == 0)
            item->count = 0;
    }
}

/* Takes those along that point to traces. */
static bool add_up_traces(struct profile *profile, struct error *error)
{
    size_t count = profile->trace_count;
    size_t size = count * sizeof(*profile->traces);
    if (profile->hybrid_samples.count == 0 && profile->traces_by_caller.count == 0) {
        sum_traces(profile);
        return true;
    }
    struct trace *before = malloc(size);
    uint32_t *numbers = calloc(count, sizeof(*numbers));
    bool done = before && numbers;
    if (done) {
        memcpy(before, profile->traces, size);
        sum_traces(profile);
        for (size_t i = 0; i < count; i++) {
            const struct trace *found = bsearch(&before[i], profile->traces, profile->trace_count,
                                                sizeof(*before), compare_traces);
            numbers[i] = found ? (uint32_t)(found - profile->traces) : 0;
        }
        hybrid_samples_move_traces(&profile->hybrid_samples, numbers);
        traces_by_caller_move_traces(&profile->traces_by_caller, numbers);
    } else {
        memory_exhausted(error);
    }
    free(before);
    free(numbers);
    return done;
}

/* What the levels of the call tree are worked on with; arrays are by node index. */
struct tree {
    struct stack_node *nodes;
    uint32_t *depth;  /* 1 = outermost */
    uint32_t *order;  /* nodes by depth, then by level order */
    uint32_t *number; /* the node's new number, index + 1; before that, whether it counts */
    uint32_t deepest;
};

static void find_depths(struct tree *tree, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t unknown = 0;
        uint32_t known = 0;
        for (uint32_t n = (uint32_t)i + 1; n; n = tree->nodes[n - 1].parent) {
            known = tree->depth[n - 1];
            if (known)
                break;
            unknown++;
        }
        for (uint32_t n = (uint32_t)i + 1; n && !tree->depth[n - 1]; n = tree->nodes[n - 1].parent)
            tree->depth[n - 1] = known + unknown--;
        if (tree->depth[i] > tree->deepest)
            tree->deepest = tree->depth[i];
    }
}

/* Marks the nodes that have counts in or below them, or traces under them: number becomes 1. */
static void find_counting(struct tree *tree, size_t count, const struct traces_by_caller *traces)
{
    for (size_t i = 0; i < traces->count; i++) {
        if (traces->items[i].count > 0 && traces->items[i].callers)
            tree->number[traces->items[i].callers - 1] = 1;
    }
    for (size_t i = count; i-- > 0;) {
        uint32_t node = tree->order[i];
        if (tree->nodes[node].count > 0)
            tree->number[node] = 1;
        if (tree->number[node] && tree->nodes[node].parent)
            tree->number[tree->nodes[node].parent - 1] = 1;
    }
}

static int compare_siblings(const void *left, const void *right, void *context)
{
    const struct stack_node *nodes = context;
    const struct stack_node *a = &nodes[*(const uint32_t *)left];
    const struct stack_node *b = &nodes[*(const uint32_t *)right];
    int order = COMPARE(a->parent, b->parent);
    if (order == 0)
        order = COMPARE(a->truncated, b->truncated);
    if (order == 0)
        order = compare_locations(&a->location, &b->location);
    return order;
}

/*
 * Level by level from the outermost frames in: once a level's callers have
 * their new numbers, nodes with the same caller and place are one node.
 */
static size_t number_levels(struct tree *tree, size_t count, struct stack_node *sorted)
{
    size_t kept = 0;
    for (size_t first = 0, end; first < count; first = end) {
        size_t level_size = 0;
        size_t level_start = kept;
        for (end = first;
             end < count && tree->depth[tree->order[end]] == tree->depth[tree->order[first]];
             end++) {
            uint32_t node = tree->order[end];
            if (!tree->number[node])
                continue;
            if (tree->nodes[node].parent)
                tree->nodes[node].parent = tree->number[tree->nodes[node].parent - 1];
            tree->order[first + level_size++] = node;
        }
        if (level_size > 0)
            qsort_r(&tree->order[first], level_size, sizeof(*tree->order), compare_siblings,
                    tree->nodes);
        for (size_t i = first; i < first + level_size; i++) {
            const struct stack_node *node = &tree->nodes[tree->order[i]];
            struct stack_node *last = kept > level_start ? &sorted[kept - 1] : NULL;
            if (last && last->parent == node->parent && last->truncated == node->truncated &&
                compare_locations(&last->location, &node->location) == 0)
                last->count = count_add(last->count, node->count);
            else
                sorted[kept++] = *node;
            tree->number[tree->order[i]] = (uint32_t)kept;
        }
    }
    return kept;
}

static bool add_up_stacks(struct profile *profile, struct error *error)
{
    size_t count = profile->stack_count;
    if (count == 0)
        return true;
    struct tree tree = {profile->stacks, calloc(count, sizeof(uint32_t)),
                        calloc(count, sizeof(uint32_t)), calloc(count, sizeof(uint32_t)), 0};
    struct stack_node *sorted = calloc(count, sizeof(*sorted));
    uint32_t *ends = NULL; /* where each depth's nodes end in tree.order */
    bool done = false;

    if (!tree.depth || !tree.order || !tree.number || !sorted) {
        memory_exhausted(error);
        goto out;
    }
    find_depths(&tree, count);
    ends = calloc((size_t)tree.deepest + 2, sizeof(*ends));
    if (!ends) {
        memory_exhausted(error);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        ends[tree.depth[i] + 1]++;
    for (uint32_t depth = 1; depth <= tree.deepest + 1; depth++)
        ends[depth] += ends[depth - 1];
    for (size_t i = 0; i < count; i++)
        tree.order[ends[tree.depth[i]]++] = (uint32_t)i;
    find_counting(&tree, count, &profile->traces_by_caller);
    profile->stack_count = number_levels(&tree, count, sorted);
    memcpy(profile->stacks, sorted, profile->stack_count * sizeof(*sorted));
    hybrid_samples_move_stacks(&profile->hybrid_samples, tree.number);
    traces_by_caller_move_stacks(&profile->traces_by_caller, tree.number);
    done = true;
out:
    free(tree.depth);
    free(tree.order);
    free(tree.number);
    free(sorted);
    free(ends);
    return done;
}

bool profile_normalise(struct profile *profile, struct error *error)
{
    drop_contexts(profile);
    if (!sort_modules(profile, error) || !add_up_traces(profile, error) ||
        !add_up_stacks(profile, error))
        return false;
    traces_by_caller_sum(&profile->traces_by_caller);
    if (profile->recording_count > 0)
        qsort(profile->recordings, profile->recording_count, sizeof(*profile->recordings),
              compare_recordings);
    profile->is_normalised = true;
    profile->compact_size =
        profile->trace_count + profile->stack_count + profile->traces_by_caller.count;
    return true;
}
