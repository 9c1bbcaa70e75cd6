#include "analyzer/model/counts/edges.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/base/search.h"
#include "analyzer/model/code/blocks.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counts/trace_walk.h"
#include "analyzer/model/counts/translated_edges.h"

/* A range of the module, with what is known of how it was come to. */
struct function_range {
    const struct function *function;
    uint64_t start;
    uint64_t end; /* its last instruction */
    bool by_return;
    bool from_outside; /* by a branch that is not in the same function */
    uint64_t count;
};

struct edge_builder {
    struct edges *edges;
    const struct binary *binary;
    uint32_t module;
    const struct bolt_translation *translation; /* or NULL */
    struct decoder *decoder;
    struct function_range *runs; /* by function */
    size_t run_count, run_capacity;
    uint64_t *leaders; /* where blocks begin that the function's own code does not show */
    size_t leader_count, leader_capacity;
    uint64_t *entries; /* of those, where direct branches of other functions lead */
    size_t entry_count, entry_capacity;
    struct error *error;
};

/* --- edges ------------------------------------------------------------------------- */

static bool add_edge(struct edge_builder *builder, struct edge edge)
{
    return edges_add(builder->edges, edge, builder->error);
}

static const struct function *function_in(const struct edge_builder *builder,
                                          struct location location, uint64_t *offset)
{
    const struct function *function = location.module == builder->module
                                          ? binary_function_at(builder->binary, location.address)
                                          : NULL;
    *offset = function ? location.address - function->address : 0;
    return function;
}

static bool add_leader(struct edge_builder *builder, uint64_t address)
{
    if (!memory_reserve(&builder->leaders, &builder->leader_capacity, builder->leader_count + 1,
                        sizeof(address), builder->error))
        return false;
    builder->leaders[builder->leader_count++] = address;
    return true;
}

/* A direct branch of another function leads there, as from `f.cold` back into `f`. */
static bool add_entry(struct edge_builder *builder, uint64_t address)
{
    if (!memory_reserve(&builder->entries, &builder->entry_capacity, builder->entry_count + 1,
                        sizeof(address), builder->error))
        return false;
    builder->entries[builder->entry_count++] = address;
    return add_leader(builder, address);
}

static bool is_direct(struct edge_builder *builder, const struct trace *trace)
{
    struct instruction instruction;
    return decoder_decode(builder->decoder, trace->from.address, &instruction) &&
           instruction_has_target(&instruction) && instruction.target == trace->to.address;
}

static bool add_branch(void *context, const struct trace *trace)
{
    struct edge_builder *builder = context;
    struct edge edge = {.count = trace->count};
    edge.from = function_in(builder, trace->from, &edge.from_offset);
    edge.to = function_in(builder, trace->to, &edge.to_offset);
    if (!edge.from && !edge.to) {
        builder->edges->branches_outside =
            count_add(builder->edges->branches_outside, trace->count);
        return true;
    }
    if (edge.from == edge.to && edge.to_offset > 0 && !add_leader(builder, trace->to.address))
        return false;
    if (edge.from && edge.from != edge.to && edge.to_offset > 0 && is_direct(builder, trace) &&
        !add_entry(builder, trace->to.address))
        return false;
    if (builder->translation)
        translated_edge(&edge, builder->binary, builder->translation);
    return add_edge(builder, edge);
}

static bool add_range(void *context, const struct trace *trace, bool by_return)
{
    struct edge_builder *builder = context;
    const struct function *function =
        trace_walk_range_function(builder->edges, builder->binary, trace);
    bool has_branch = trace->from.module != PROFILE_MODULE_NONE;
    if (!function)
        return true;
    const struct bolt_fragment *fragment =
        builder->translation ? bolt_translation_find(builder->translation, function->address)
                             : NULL;
    if (fragment)
        return translated_range_add(builder->edges, builder->binary, builder->translation, fragment,
                                    trace, by_return, builder->error);
    if (!memory_reserve(&builder->runs, &builder->run_capacity, builder->run_count + 1,
                        sizeof(*builder->runs), builder->error))
        return false;
    builder->runs[builder->run_count++] = (struct function_range){
        .function = function,
        .start = trace->to.address,
        .end = trace->end,
        .by_return = by_return,
        .from_outside = has_branch && (trace->from.module != builder->module ||
                                       trace->from.address - function->address >= function->extent),
        .count = trace->count};
    return true;
}

/* --- fall-throughs ------------------------------------------------------------------ */

static int compare_runs(const void *left, const void *right)
{
    const struct function_range *a = left;
    const struct function_range *b = right;
    return a->function < b->function ? -1 : a->function > b->function;
}

/* The leaders inside the function: `leaders` is sorted. */
static const uint64_t *leaders_of(const struct edge_builder *builder,
                                  const struct function *function, size_t *count)
{
    size_t first = SEARCH_COUNT(builder->leader_count, i, builder->leaders[i] < function->address);
    size_t end = first;
    while (end < builder->leader_count &&
           builder->leaders[end] - function->address < function->extent)
        end++;
    *count = end - first;
    return builder->leaders + first;
}

/*
 * Whether the range may begin with a call's return: by a return instruction, or
 * by an indirect jump of other code.  A direct jump is none, where it leads
 * behind a call too (gcc's `.cold` parts, code by hand).
 */
static bool may_be_returned_to(const struct edge_builder *builder,
                               const struct function_range *range)
{
    if (!range->from_outside)
        return false;
    return range->by_return || builder->entry_count == 0 ||
           !bsearch(&range->start, builder->entries, builder->entry_count, sizeof(range->start),
                    compare_u64);
}

/*
 * The first and last block of the range, or false where the code does not
 * allow it.  A return to the first instruction of a block came from the call
 * that ends the block before, and the boundary between the two counts as well.
 */
static bool range_blocks(const struct edge_builder *builder, const struct blocks *blocks,
                         const struct function_range *range, ptrdiff_t *first, ptrdiff_t *last)
{
    *first = blocks_at(blocks, range->start);
    *last = blocks_at(blocks, range->end);
    if (*first < 0 || *last < *first)
        return false;
    if (*first > 0 && range->start == blocks->items[*first].start &&
        blocks->items[*first - 1].falls_through && blocks->items[*first - 1].ends_with_call &&
        may_be_returned_to(builder, range))
        --*first;
    return true;
}

/*
 * Counts the ends of blocks that runs went over: `passes[i]` is what begins to
 * pass at the end of block i minus what no longer does, so that a long run
 * costs no more than a short one.  128 bits hold any sum of counts.
 */
static void count_passes(struct edge_builder *builder, const struct blocks *blocks,
                         const struct function_range *runs, size_t run_count,
                         const size_t *barriers, __int128 *passes)
{
    for (size_t i = 0; i < run_count; i++) {
        ptrdiff_t first, last;
        if (!range_blocks(builder, blocks, &runs[i], &first, &last) ||
            barriers[first] != barriers[last]) {
            builder->edges->ranges_mismatching =
                count_add(builder->edges->ranges_mismatching, runs[i].count);
            continue;
        }
        passes[first] += runs[i].count;
        passes[last] -= runs[i].count;
    }
}

static bool add_fall_throughs(struct edge_builder *builder, const struct function_range *runs,
                              size_t run_count)
{
    const struct function *function = runs[0].function;
    struct blocks blocks;
    size_t leader_count;
    const uint64_t *leaders = leaders_of(builder, function, &leader_count);
    if (!blocks_build(&blocks, builder->binary, builder->decoder, function, leaders, leader_count,
                      builder->error))
        return false;

    size_t *barriers = calloc(blocks.count + 1, sizeof(*barriers)); /* ends before block i */
    __int128 *passes = calloc(blocks.count + 1, sizeof(*passes));
    bool done = barriers && passes;
    if (!done)
        memory_exhausted(builder->error);
    for (size_t i = 0; done && i < blocks.count; i++)
        barriers[i + 1] = barriers[i] + !blocks.items[i].falls_through;
    if (done)
        count_passes(builder, &blocks, runs, run_count, barriers, passes);
    __int128 passing = 0;
    for (size_t i = 0; done && i + 1 < blocks.count; i++) {
        passing += passes[i];
        if (passing == 0)
            continue;
        done = add_edge(builder, (struct edge){
                                     .from = function,
                                     .to = function,
                                     .from_offset = blocks.items[i].last - function->address,
                                     .to_offset = blocks.items[i + 1].start - function->address,
                                     .is_fall_through = true,
                                     .count = passing > UINT64_MAX ? UINT64_MAX : (uint64_t)passing,
                                 });
    }
    free(barriers);
    free(passes);
    blocks_free(&blocks);
    return done;
}

/* --- cold fragments -------------------------------------------------------------- */

/* How much of the name is its function's: all before ".cold", or 0 where it is not a fragment. */
static size_t parent_name_size(const char *name)
{
    const char *suffix = strstr(name, ".cold");
    return suffix ? (size_t)(suffix - name) : 0;
}

/* A function's name as the key of a search: it need not end in NUL. */
struct name {
    const char *text;
    size_t size;
};

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    int order = memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* The names of the functions that have runs, in order. */
static struct name *run_names(const struct edge_builder *builder, size_t *count)
{
    struct name *names = calloc(builder->run_count + 1, sizeof(*names));
    *count = 0;
    for (size_t i = 0; names && i < builder->run_count; i++) {
        const struct function *function = builder->runs[i].function;
        if (i == 0 || function != builder->runs[i - 1].function)
            names[(*count)++] = (struct name){function->name, strlen(function->name)};
    }
    if (names)
        qsort(names, *count, sizeof(*names), compare_names);
    return names;
}

/* Where the fragment jumps to outside of itself. */
static bool add_exits(struct edge_builder *builder, const struct function *fragment)
{
    uint64_t end = fragment->address + fragment->size;
    struct instruction instruction;
    for (uint64_t address = fragment->address;
         address < end && decoder_decode(builder->decoder, address, &instruction);
         address += instruction.size) {
        if ((instruction.kind == INSTRUCTION_CONDITIONAL || instruction.kind == INSTRUCTION_JUMP) &&
            instruction.target && instruction.target - fragment->address >= fragment->size &&
            !add_entry(builder, instruction.target))
            return false;
    }
    return true;
}

/*
 * Compilers move the unlikely part of a function `f` away as `f.cold`, which
 * jumps back into the middle of `f`: blocks of `f` begin there.
 */
static bool add_fragment_leaders(struct edge_builder *builder)
{
    size_t name_count;
    struct name *names = run_names(builder, &name_count);
    bool done = names != NULL;
    if (!done)
        memory_exhausted(builder->error);
    for (size_t i = 0; done && i < binary_function_count(builder->binary); i++) {
        const struct function *fragment = binary_function(builder->binary, i);
        struct name parent = {fragment->name, parent_name_size(fragment->name)};
        if (parent.size > 0 && bsearch(&parent, names, name_count, sizeof(parent), compare_names))
            done = add_exits(builder, fragment);
    }
    free(names);
    return done;
}

static bool follow_runs(struct edge_builder *builder)
{
    if (builder->run_count > 0)
        qsort(builder->runs, builder->run_count, sizeof(*builder->runs), compare_runs);
    if (!add_fragment_leaders(builder))
        return false;
    if (builder->leader_count > 0)
        qsort(builder->leaders, builder->leader_count, sizeof(*builder->leaders), compare_u64);
    if (builder->entry_count > 0)
        qsort(builder->entries, builder->entry_count, sizeof(*builder->entries), compare_u64);
    for (size_t first = 0, end; first < builder->run_count; first = end) {
        for (end = first; end < builder->run_count &&
                          builder->runs[end].function == builder->runs[first].function;)
            end++;
        progress_step("counting branches", first, builder->run_count);
        /* Linkage table entries have no blocks to tell apart. */
        if (!builder->runs[first].function->is_plt &&
            !add_fall_throughs(builder, &builder->runs[first], end - first))
            return false;
    }
    return true;
}

bool edges_build(struct edges *edges, const struct profile *profile, uint32_t module,
                 const struct binary *binary, struct binaries *binaries,
                 const struct bolt_translation *translation, struct error *error)
{
    assert(profile->is_normalised);
    struct edge_builder builder = {.edges = edges,
                                   .binary = binary,
                                   .module = module,
                                   .translation = translation,
                                   .error = error};
    const struct trace_walk walk = {add_branch, add_range, &builder};
    bool done;
    *edges = (struct edges){0};
    builder.decoder = decoder_of(binary, error);
    done = builder.decoder && trace_walk_module(&walk, edges, profile, module, binaries) &&
           follow_runs(&builder);
    if (done)
        edges_sort(edges);
    else
        edges_free(edges);
    free(builder.runs);
    free(builder.leaders);
    free(builder.entries);
    return done;
}

bool profile_has_branches(const struct profile *profile, uint32_t module)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool has_branch = trace->from.module != PROFILE_MODULE_NONE;
        if ((has_branch && trace->from.module == module) ||
            (trace->to.module == module &&
             (has_branch || (trace->has_range && trace->end > trace->to.address))))
            return true;
    }
    return false;
}
