#include "analyzer/model/view/annotation.h"

#include <assert.h>
#include <elf.h>
#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/code/blocks.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counts/edges.h"
#include "analyzer/model/counts/inference.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"

struct annotator {
    struct annotation *annotation;
    const struct binary *binary;
    struct decoder *decoder;
    __int128 *begun; /* ranges that begin at an instruction minus those that ended before it */
    /* The same of ranges that go on behind it; once added up, how many do. */
    __int128 *passing;
    uint64_t *arrivals; /* by taken branches of the function itself, without returns */
    uint64_t *entries;  /* by branches of other functions */
    struct error *error;
};

bool annotation_counts(const struct profile *profile, uint32_t module, const struct binary *binary,
                       struct profile **counts, struct error *error)
{
    *counts = NULL;
    if (!profile_has_branches(profile, module)) {
        *counts = inference_profile(profile, module, binary, error);
        return *counts != NULL;
    }
    if (!correction_is_sound(profile))
        return true;
    *counts = profile_new(error);
    if (*counts && profile_merge(*counts, profile, 1, error)) {
        correction_apply(*counts);
        if (profile_normalise(*counts, error))
            return true;
    }
    profile_free(*counts);
    *counts = NULL;
    return false;
}

/* --- instructions ---------------------------------------------------------------------------- */

ptrdiff_t annotation_at(const struct annotation *annotation, uint64_t address)
{
    const struct annotated_instruction *items = annotation->instructions;
    size_t found = SEARCH_COUNT(annotation->instruction_count, i, items[i].code.address < address);
    return found < annotation->instruction_count && items[found].code.address == address
               ? (ptrdiff_t)found
               : -1;
}

static bool decode(struct annotator *annotator)
{
    struct annotation *annotation = annotator->annotation;
    const struct function *function = annotation->function;
    uint64_t end = function->address + (function->size > 0 ? function->size : function->extent);
    uint8_t step = binary_machine(annotator->binary) == EM_AARCH64 ? 4 : 1;
    for (uint64_t address = function->address; address < end;) {
        struct annotated_instruction item = {.is_code = true};
        if (!decoder_decode(annotator->decoder, address, &item.code)) {
            item.is_code = false;
            item.code = (struct instruction){.address = address, .size = step};
        }
        if (!memory_reserve(&annotation->instructions, &annotation->instruction_capacity,
                            annotation->instruction_count + 1, sizeof(item), annotator->error))
            return false;
        annotation->instructions[annotation->instruction_count++] = item;
        address += item.code.size;
    }
    return true;
}

/* --- counts ---------------------------------------------------------------------------------- */

static bool is_inside(const struct annotation *annotation, struct location location)
{
    const struct function *function = annotation->function;
    return location.module == annotation->module &&
           location.address - function->address < function->extent;
}

static void add_range(struct annotator *annotator, const struct trace *trace)
{
    struct annotation *annotation = annotator->annotation;
    ptrdiff_t first = annotation_at(annotation, trace->to.address);
    ptrdiff_t last = annotation_at(annotation, trace->end);
    if (first < 0 || last < first) {
        annotation->mismatching_runs = count_add(annotation->mismatching_runs, trace->count);
        return;
    }
    annotator->begun[first] += trace->count;
    annotator->begun[last + 1] -= trace->count;
    annotator->passing[first] += trace->count;
    annotator->passing[last] -= trace->count;
}

/* Traces are in order of from and to: those of one branch, and of one target, are neighbours. */
static bool add_target(struct annotator *annotator, struct annotated_instruction *item,
                       const struct trace *trace)
{
    struct annotation *annotation = annotator->annotation;
    struct annotated_target *last =
        item->target_count > 0 ? &annotation->targets[annotation->target_count - 1] : NULL;
    if (last && last->location.module == trace->to.module &&
        last->location.address == trace->to.address) {
        last->count = count_add(last->count, trace->count);
        return true;
    }
    if (!memory_reserve(&annotation->targets, &annotation->target_capacity,
                        annotation->target_count + 1, sizeof(*annotation->targets),
                        annotator->error))
        return false;
    if (item->target_count++ == 0)
        item->first_target = annotation->target_count;
    annotation->targets[annotation->target_count++] =
        (struct annotated_target){trace->to, trace->count};
    return true;
}

static bool add_branch(struct annotator *annotator, const struct trace *trace)
{
    struct annotation *annotation = annotator->annotation;
    ptrdiff_t from = annotation_at(annotation, trace->from.address);
    ptrdiff_t to =
        is_inside(annotation, trace->to) ? annotation_at(annotation, trace->to.address) : -1;
    if (from < 0)
        return true;
    struct annotated_instruction *item = &annotation->instructions[from];
    item->taken = count_add(item->taken, trace->count);
    if (to >= 0 && item->code.kind != INSTRUCTION_RETURN && item->code.kind != INSTRUCTION_CALL)
        annotator->arrivals[to] = count_add(annotator->arrivals[to], trace->count);
    return add_target(annotator, item, trace);
}

static void add_entry(struct annotator *annotator, const struct trace *trace)
{
    ptrdiff_t to = annotation_at(annotator->annotation, trace->to.address);
    if (to >= 0)
        annotator->entries[to] = count_add(annotator->entries[to], trace->count);
}

static bool add_counts(struct annotator *annotator, const struct profile *counts)
{
    for (size_t i = 0; i < counts->trace_count; i++) {
        const struct trace *trace = &counts->traces[i];
        bool begins = trace->from.module == PROFILE_MODULE_NONE;
        bool leaves = !begins && is_inside(annotator->annotation, trace->from);
        bool leads = is_inside(annotator->annotation, trace->to);
        if (leaves && !add_branch(annotator, trace))
            return false;
        if (leads && !leaves && !begins)
            add_entry(annotator, trace);
        if (leads && trace->has_range)
            add_range(annotator, trace);
    }
    return true;
}

static void add_samples(struct annotator *annotator, const struct profile *samples)
{
    struct annotation *annotation = annotator->annotation;
    for (size_t i = 0; i < samples->trace_count; i++) {
        const struct trace *trace = &samples->traces[i];
        if (trace->from.module != PROFILE_MODULE_NONE || !is_inside(annotation, trace->to))
            continue;
        ptrdiff_t at = annotation_at(annotation, trace->to.address);
        annotation->samples = count_add(annotation->samples, trace->count);
        if (at >= 0)
            annotation->instructions[at].samples =
                count_add(annotation->instructions[at].samples, trace->count);
    }
}

static uint64_t limited(__int128 sum)
{
    return sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

static int compare_targets(const void *left, const void *right)
{
    const struct annotated_target *a = left;
    const struct annotated_target *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = COMPARE(a->location.module, b->location.module);
    return order ? order : COMPARE(a->location.address, b->location.address);
}

static void add_up(struct annotator *annotator)
{
    struct annotation *annotation = annotator->annotation;
    __int128 running = 0;
    __int128 going_on = 0;
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        struct annotated_instruction *item = &annotation->instructions[i];
        running += annotator->begun[i];
        going_on += annotator->passing[i];
        annotator->passing[i] = going_on;
        item->runs = limited(running);
        if (item->code.kind == INSTRUCTION_CONDITIONAL)
            item->passed = limited(going_on);
        if (item->target_count > 1)
            qsort(&annotation->targets[item->first_target], item->target_count,
                  sizeof(*annotation->targets), compare_targets);
    }
}

/* --- blocks ---------------------------------------------------------------------------------- */

/* Where branches led to in the function: blocks begin there. */
static bool find_leaders(const struct annotator *annotator, uint64_t **leaders, size_t *count)
{
    const struct annotation *annotation = annotator->annotation;
    *count = 0;
    *leaders = calloc(annotation->instruction_count + 1, sizeof(**leaders));
    if (!*leaders)
        return memory_exhausted(annotator->error);
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        if (annotator->arrivals[i] > 0)
            (*leaders)[(*count)++] = annotation->instructions[i].code.address;
    }
    return true;
}

/* The blocks, as ranges of instructions; what was not decoded is in the last. */
static bool take_blocks(struct annotator *annotator, const struct blocks *blocks)
{
    struct annotation *annotation = annotator->annotation;
    annotation->blocks = calloc(blocks->count + 1, sizeof(*annotation->blocks));
    if (!annotation->blocks)
        return memory_exhausted(annotator->error);
    size_t block = 0;
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        struct annotated_instruction *item = &annotation->instructions[i];
        while (block + 1 < blocks->count && item->code.address >= blocks->items[block + 1].start)
            block++;
        struct annotated_block *own = &annotation->blocks[block];
        if (own->count++ == 0)
            own->first = i;
        own->runs = item->runs > own->runs ? item->runs : own->runs;
        item->block = (uint32_t)block;
        annotation->block_count = block + 1;
    }
    return true;
}

static bool add_edge(struct annotator *annotator, struct annotated_edge edge)
{
    struct annotation *annotation = annotator->annotation;
    if (!memory_reserve(&annotation->edges, &annotation->edge_capacity, annotation->edge_count + 1,
                        sizeof(edge), annotator->error))
        return false;
    annotation->edges[annotation->edge_count++] = edge;
    return true;
}

/* Where a branch can lead to in the function, and where it did. */
static bool add_branch_edges(struct annotator *annotator, const struct annotated_instruction *item)
{
    struct annotation *annotation = annotator->annotation;
    bool is_told = false;
    for (size_t t = 0; t < item->target_count; t++) {
        const struct annotated_target *target = &annotation->targets[item->first_target + t];
        ptrdiff_t to = is_inside(annotation, target->location)
                           ? annotation_at(annotation, target->location.address)
                           : -1;
        if (to < 0)
            continue;
        is_told = is_told || target->location.address == item->code.target;
        if (!add_edge(annotator,
                      (struct annotated_edge){item->block, annotation->instructions[to].block,
                                              false, target->count}))
            return false;
    }
    ptrdiff_t to = instruction_has_target(&item->code) && !is_told
                       ? annotation_at(annotation, item->code.target)
                       : -1;
    return to < 0 ||
           add_edge(annotator, (struct annotated_edge){
                                   item->block, annotation->instructions[to].block, false, 0});
}

/* Entries of jump tables that were not taken. */
static bool add_table_edges(struct annotator *annotator, const struct blocks *blocks)
{
    struct annotation *annotation = annotator->annotation;
    for (size_t i = 0; i < blocks->table_count; i++) {
        const struct jump_table *table = &blocks->tables[i];
        ptrdiff_t from = annotation_at(annotation, table->jump);
        for (size_t t = 0; from >= 0 && t < table->count; t++) {
            ptrdiff_t to = annotation_at(annotation, blocks->targets[table->first + t]);
            if (to >= 0 && !add_edge(annotator, (struct annotated_edge){
                                                    annotation->instructions[from].block,
                                                    annotation->instructions[to].block, false, 0}))
                return false;
        }
    }
    return true;
}

/*
 * How often control went from a block to the next without a branch.  A range ends at a call:
 * behind one, what came back is what ran there and did not come by a branch.
 */
static uint64_t fall_through(const struct annotator *annotator, const struct blocks *blocks,
                             size_t block)
{
    const struct annotation *annotation = annotator->annotation;
    size_t next = annotation->blocks[block + 1].first;
    uint64_t ran = annotation->instructions[next].runs;
    if (!blocks->items[block].ends_with_call)
        return limited(annotator->passing[next - 1]);
    return ran > annotator->arrivals[next] ? ran - annotator->arrivals[next] : 0;
}

static int compare_edges(const void *left, const void *right)
{
    const struct annotated_edge *a = left;
    const struct annotated_edge *b = right;
    int order = COMPARE(a->from, b->from);
    if (!order)
        order = COMPARE(a->to, b->to);
    return order ? order : COMPARE(a->is_fall_through, b->is_fall_through);
}

static void unite_edges(struct annotation *annotation)
{
    size_t kept = 0;
    if (annotation->edge_count > 0)
        qsort(annotation->edges, annotation->edge_count, sizeof(*annotation->edges), compare_edges);
    for (size_t i = 0; i < annotation->edge_count; i++) {
        struct annotated_edge *last = kept > 0 ? &annotation->edges[kept - 1] : NULL;
        if (last && compare_edges(last, &annotation->edges[i]) == 0)
            last->count = count_add(last->count, annotation->edges[i].count);
        else
            annotation->edges[kept++] = annotation->edges[i];
    }
    annotation->edge_count = kept;
}

static bool find_edges(struct annotator *annotator, const struct blocks *blocks)
{
    struct annotation *annotation = annotator->annotation;
    for (size_t i = 0; i < annotation->instruction_count; i++) {
        const struct annotated_instruction *item = &annotation->instructions[i];
        bool is_branch =
            item->code.kind == INSTRUCTION_CONDITIONAL || item->code.kind == INSTRUCTION_JUMP;
        if (is_branch && !add_branch_edges(annotator, item))
            return false;
    }
    for (size_t i = 0; i + 1 < annotation->block_count; i++) {
        if (!blocks->items[i].falls_through || annotation->blocks[i + 1].count == 0)
            continue;
        if (!add_edge(annotator, (struct annotated_edge){(uint32_t)i, (uint32_t)(i + 1), true,
                                                         fall_through(annotator, blocks, i)}))
            return false;
    }
    if (!add_table_edges(annotator, blocks))
        return false;
    unite_edges(annotation);
    return true;
}

/* --- loops and the hot path ------------------------------------------------------------------ */

static bool find_loops(struct annotator *annotator)
{
    struct annotation *annotation = annotator->annotation;
    struct loop_edge *edges = calloc(annotation->edge_count + 1, sizeof(*edges));
    bool done = edges != NULL;
    if (!edges)
        return memory_exhausted(annotator->error);
    for (size_t i = 0; i < annotation->edge_count; i++)
        edges[i] = (struct loop_edge){annotation->edges[i].from, annotation->edges[i].to};
    done = loops_find(&annotation->loops, annotation->block_count, edges, annotation->edge_count,
                      annotator->error);
    free(edges);
    annotation->loop_counts = calloc(annotation->loops.count + 1, sizeof(*annotation->loop_counts));
    if (!annotation->loop_counts)
        return memory_exhausted(annotator->error);
    for (uint32_t i = 0; done && i < annotation->loops.count; i++) {
        uint32_t header = annotation->loops.items[i].header;
        size_t first = annotation->blocks[header].first;
        struct annotated_loop *counts = &annotation->loop_counts[i];
        counts->turns = annotation->instructions[first].runs;
        counts->entries = annotator->entries[first];
        for (size_t e = 0; e < annotation->edge_count; e++) {
            const struct annotated_edge *edge = &annotation->edges[e];
            if (edge->to == header && !loops_contain(&annotation->loops, i, edge->from))
                counts->entries = count_add(counts->entries, edge->count);
        }
    }
    return done;
}

/* The block that most went on to, or came from; LOOP_NONE where nobody did. */
static uint32_t best_neighbour(const struct annotation *annotation, uint32_t block, bool forward)
{
    uint32_t best = LOOP_NONE;
    uint64_t most = 0;
    for (size_t i = 0; i < annotation->edge_count; i++) {
        const struct annotated_edge *edge = &annotation->edges[i];
        if ((forward ? edge->from : edge->to) == block && edge->count > most) {
            most = edge->count;
            best = forward ? edge->to : edge->from;
        }
    }
    return best;
}

/* From the hottest block the likeliest ways on and back, until they meet what is marked. */
static void mark_hot_path(struct annotation *annotation)
{
    uint32_t hottest = LOOP_NONE;
    uint64_t most = 0;
    for (uint32_t i = 0; i < annotation->block_count; i++) {
        if (annotation->blocks[i].runs > most) {
            most = annotation->blocks[i].runs;
            hottest = i;
        }
    }
    if (hottest == LOOP_NONE)
        return;
    for (int forward = 0; forward < 2; forward++) {
        uint32_t block = hottest;
        annotation->blocks[hottest].is_hot = true;
        while ((block = best_neighbour(annotation, block, forward)) != LOOP_NONE &&
               !annotation->blocks[block].is_hot)
            annotation->blocks[block].is_hot = true;
    }
}

static bool annotate(struct annotator *annotator, const struct profile *samples,
                     const struct profile *counts)
{
    struct blocks blocks = {0};
    uint64_t *leaders = NULL;
    size_t leader_count;
    if (!add_counts(annotator, counts))
        return false;
    add_samples(annotator, samples);
    add_up(annotator);
    bool done =
        find_leaders(annotator, &leaders, &leader_count) &&
        blocks_build(&blocks, annotator->binary, annotator->decoder,
                     annotator->annotation->function, leaders, leader_count, annotator->error) &&
        take_blocks(annotator, &blocks) && find_edges(annotator, &blocks) && find_loops(annotator);
    if (done)
        mark_hot_path(annotator->annotation);
    blocks_free(&blocks);
    free(leaders);
    return done;
}

bool annotation_build(struct annotation *annotation, const struct profile *samples,
                      const struct profile *counts, uint32_t module,
                      const struct function *function, struct binaries *binaries,
                      struct error *error)
{
    assert(samples->is_normalised && counts->is_normalised);
    *annotation = (struct annotation){.module = module, .function = function};
    struct annotator annotator = {
        .annotation = annotation, .binary = binaries_get(binaries, module), .error = error};
    annotator.decoder = decoder_of(annotator.binary, error);
    if (!annotator.decoder || !decode(&annotator))
        return false;
    size_t count = annotation->instruction_count + 2;
    annotator.begun = calloc(count, sizeof(*annotator.begun));
    annotator.passing = calloc(count, sizeof(*annotator.passing));
    annotator.arrivals = calloc(count, sizeof(*annotator.arrivals));
    annotator.entries = calloc(count, sizeof(*annotator.entries));
    bool done = annotator.begun && annotator.passing && annotator.arrivals && annotator.entries;
    if (!done)
        memory_exhausted(error);
    done = done && annotate(&annotator, samples, counts);
    free(annotator.begun);
    free(annotator.passing);
    free(annotator.arrivals);
    free(annotator.entries);
    return done;
}

void annotation_free(struct annotation *annotation)
{
    free(annotation->instructions);
    free(annotation->targets);
    free(annotation->blocks);
    free(annotation->edges);
    free(annotation->loop_counts);
    loops_free(&annotation->loops);
    *annotation = (struct annotation){0};
}
