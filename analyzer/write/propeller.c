/*
 * Propeller's profile for the compiler, clang -fbasic-block-sections=list=FILE, in
 * version 1 (llvm/lib/CodeGen/BasicBlockSectionsProfileReader.cpp): a line
 * `f NAME` for each function that ran, then `c ID...`, the blocks that ran in the
 * order that they should have.  Blocks that are not named are cold.
 * The linker's part is the order of functions (order.c).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/model/code/llvm_block_map.h"
#include "analyzer/write/formats.h"

#define NO_BLOCK UINT32_MAX
#define ENTRY 0 /* the number of a function's first block */

/* How often control went from a block of a function to another, by indices in the map. */
struct block_edge {
    uint32_t from, to;
    uint64_t count;
};

struct layout {
    struct llvm_block_map map;
    uint64_t *counts; /* of blocks */
    struct block_edge *edges;
    size_t edge_count, edge_capacity;
    uint32_t *next;        /* the block that follows in its chain, or NO_BLOCK */
    uint32_t *previous;    /* likewise */
    uint32_t *first;       /* of the chain that the block is the last of */
    uint32_t *last;        /* of the chain that the block is the first of */
    uint32_t *by_function; /* all blocks by function, then by address */
    const char **names;    /* of all functions, sorted */
    /* Where the counts of traces went: into blocks, into code without, into other binaries. */
    uint64_t kept, outside, elsewhere;
    size_t namesakes; /* functions left out since others have their names */
    size_t name_count;
};

/* --- counts ---------------------------------------------------------------------------------- */

static bool add_edge(struct layout *layout, uint32_t from, uint32_t to, uint64_t count,
                     struct error *error)
{
    const struct mapped_block *blocks = layout->map.blocks;
    if (blocks[from].function != blocks[to].function)
        return true;
    if (!memory_reserve(&layout->edges, &layout->edge_capacity, layout->edge_count + 1,
                        sizeof(struct block_edge), error))
        return false;
    layout->edges[layout->edge_count++] = (struct block_edge){from, to, count};
    return true;
}

static bool count_trace(struct layout *layout, const struct trace *trace, uint32_t module,
                        struct error *error)
{
    const struct llvm_block_map *map = &layout->map;
    const struct mapped_block *to =
        trace->to.module == module ? llvm_block_map_at(map, trace->to.address) : NULL;
    const struct mapped_block *from =
        trace->from.module == module ? llvm_block_map_at(map, trace->from.address) : NULL;
    uint64_t *sum = to                           ? &layout->kept
                    : trace->to.module == module ? &layout->outside
                                                 : &layout->elsewhere;
    *sum = count_add(*sum, trace->count);
    if (!to)
        return true;
    if (from && to->start == trace->to.address &&
        !add_edge(layout, (uint32_t)(from - map->blocks), (uint32_t)(to - map->blocks),
                  trace->count, error))
        return false;
    uint64_t end = trace->has_range ? trace->end : trace->to.address;
    for (uint32_t i = (uint32_t)(to - map->blocks); i < map->count && map->blocks[i].start <= end;
         i++) {
        layout->counts[i] = count_add(layout->counts[i], trace->count);
        if (i > to - map->blocks && !add_edge(layout, i - 1, i, trace->count, error))
            return false;
    }
    return true;
}

static int compare_edges(const void *left, const void *right)
{
    const struct block_edge *a = left;
    const struct block_edge *b = right;
    int order = COMPARE(a->from, b->from);
    return order ? order : COMPARE(a->to, b->to);
}

static int compare_counts(const void *left, const void *right)
{
    const struct block_edge *a = left;
    const struct block_edge *b = right;
    int order = COMPARE(b->count, a->count);
    return order ? order : compare_edges(left, right);
}

static bool count_blocks(struct layout *layout, const struct writer_input *input,
                         struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < input->profile->trace_count; i++) {
        if (!count_trace(layout, &input->profile->traces[i], input->module, error))
            return false;
    }
    if (layout->edge_count == 0)
        return true;
    qsort(layout->edges, layout->edge_count, sizeof(struct block_edge), compare_edges);
    for (size_t i = 1; i < layout->edge_count; i++) {
        if (compare_edges(&layout->edges[kept], &layout->edges[i]) == 0)
            layout->edges[kept].count =
                count_add(layout->edges[kept].count, layout->edges[i].count);
        else
            layout->edges[++kept] = layout->edges[i];
    }
    layout->edge_count = kept + 1;
    return true;
}

/* --- chains ---------------------------------------------------------------------------------- */

/*
 * The most frequent edges first: what control mostly goes on to comes next
 * (Pettis and Hansen, "Profile Guided Code Positioning", PLDI 1990).  Nothing
 * comes before the function's entry.
 */
static void chain_blocks(struct layout *layout)
{
    if (layout->edge_count > 0)
        qsort(layout->edges, layout->edge_count, sizeof(struct block_edge), compare_counts);
    for (size_t i = 0; i < layout->edge_count; i++) {
        uint32_t from = layout->edges[i].from;
        uint32_t to = layout->edges[i].to;
        if (layout->next[from] != NO_BLOCK || layout->previous[to] != NO_BLOCK ||
            layout->first[from] == to || layout->map.blocks[to].id == ENTRY)
            continue;
        uint32_t first = layout->first[from];
        uint32_t last = layout->last[to];
        layout->next[from] = to;
        layout->previous[to] = from;
        layout->last[first] = last;
        layout->first[last] = first;
    }
}

/* Counts by bytes of a chain, by which chains come after that of the entry. */
static double chain_density(const struct layout *layout, uint32_t first)
{
    double counts = 0;
    double size = 1;
    for (uint32_t block = first; block != NO_BLOCK; block = layout->next[block]) {
        const struct mapped_block *mapped = &layout->map.blocks[block];
        counts += (double)layout->counts[block] * (double)(mapped->end - mapped->start);
        size += (double)(mapped->end - mapped->start);
    }
    return counts / size;
}

static int compare_chains(const void *left, const void *right, void *context)
{
    const struct layout *layout = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    bool a_enters = layout->map.blocks[a].id == ENTRY;
    bool b_enters = layout->map.blocks[b].id == ENTRY;
    if (a_enters != b_enters)
        return a_enters ? -1 : 1;
    int order = COMPARE(chain_density(layout, b), chain_density(layout, a));
    return order ? order : COMPARE(a, b);
}

/* --- names ----------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool collect_names(struct layout *layout, const struct binary *binary, struct error *error)
{
    layout->names = calloc(binary_function_count(binary) + 1, sizeof(char *));
    if (!layout->names)
        return memory_exhausted(error);
    for (size_t i = 0; i < binary_function_count(binary); i++)
        layout->names[layout->name_count++] = binary_function(binary, i)->name;
    if (layout->name_count > 0)
        qsort((void *)layout->names, layout->name_count, sizeof(char *), compare_names);
    return true;
}

/* Local functions of several files: to the compiler the profile of one would be that of all. */
static bool has_namesake(const struct layout *layout, const char *name)
{
    const char **found =
        bsearch(&name, (void *)layout->names, layout->name_count, sizeof(char *), compare_names);
    size_t index = (size_t)(found - layout->names);
    return (index > 0 && strcmp(found[-1], name) == 0) ||
           (index + 1 < layout->name_count && strcmp(found[1], name) == 0);
}

/* --- output ---------------------------------------------------------------------------------- */

/* A block alone in its chain that was not counted did not run. */
static bool begins_chain_that_ran(const struct layout *layout, uint32_t block)
{
    return layout->previous[block] == NO_BLOCK &&
           (layout->counts[block] > 0 || layout->next[block] != NO_BLOCK);
}

/* `chains` are blocks of one function; those that begin chains are moved to the front. */
static void print_function(struct layout *layout, uint32_t *chains, size_t count,
                           const struct binary *binary, FILE *stream)
{
    const struct mapped_block *blocks = layout->map.blocks;
    const struct mapped_block *entry = NULL;
    size_t kept = 0;
    bool ran = false;
    for (size_t i = 0; i < count; i++) {
        bool chain_ran = begins_chain_that_ran(layout, chains[i]);
        if (blocks[chains[i]].id == ENTRY)
            entry = &blocks[chains[i]];
        ran = ran || chain_ran;
        if (chain_ran || blocks[chains[i]].id == ENTRY)
            chains[kept++] = chains[i];
    }
    const struct function *function = entry ? binary_function_at(binary, entry->start) : NULL;
    if (!ran || !function || function->address != entry->start)
        return;
    if (has_namesake(layout, function->name)) {
        layout->namesakes++;
        return;
    }
    qsort_r(chains, kept, sizeof(uint32_t), compare_chains, (void *)layout);
    fprintf(stream, "f %s\nc", function->name);
    for (size_t i = 0; i < kept; i++) {
        for (uint32_t block = chains[i]; block != NO_BLOCK; block = layout->next[block])
            fprintf(stream, " %" PRIu32, blocks[block].id);
    }
    fputc('\n', stream);
}

static int compare_functions(const void *left, const void *right, void *context)
{
    const struct mapped_block *blocks = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    int order = COMPARE(blocks[a].function, blocks[b].function);
    return order ? order : COMPARE(a, b);
}

static void print_functions(struct layout *layout, const struct binary *binary, FILE *stream)
{
    const struct mapped_block *blocks = layout->map.blocks;
    size_t count = layout->map.count;
    qsort_r(layout->by_function, count, sizeof(uint32_t), compare_functions, (void *)blocks);
    fputs("v1\n", stream);
    for (size_t start = 0, end; start < count; start = end) {
        end = start;
        while (end < count && blocks[layout->by_function[end]].function ==
                                  blocks[layout->by_function[start]].function)
            end++;
        print_function(layout, layout->by_function + start, end - start, binary, stream);
    }
}

static bool prepare(struct layout *layout, struct error *error)
{
    size_t count = layout->map.count + 1;
    uint32_t **arrays[] = {&layout->next, &layout->previous, &layout->first, &layout->last,
                           &layout->by_function};
    layout->counts = calloc(count, sizeof(uint64_t));
    bool done = layout->counts != NULL;
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
        *arrays[i] = calloc(count, sizeof(uint32_t));
        done = done && *arrays[i];
    }
    for (uint32_t i = 0; done && i < layout->map.count; i++) {
        layout->next[i] = layout->previous[i] = NO_BLOCK;
        layout->first[i] = layout->last[i] = layout->by_function[i] = i;
    }
    return done || memory_exhausted(error);
}

static bool write_propeller(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct layout layout = {0};
    bool done = llvm_block_map_read(&layout.map, input->binary, error) && prepare(&layout, error) &&
                count_blocks(&layout, input, error) && collect_names(&layout, input->binary, error);
    if (done) {
        chain_blocks(&layout);
        print_functions(&layout, input->binary, stream);
        message_detail("%" PRIu64 " branches and samples: %" PRIu64 " in basic blocks, %" PRIu64
                       " in code without a map of them, %" PRIu64
                       " in other binaries; %zu functions that ran are left out, since others "
                       "have their names",
                       layout.kept + layout.outside + layout.elsewhere, layout.kept, layout.outside,
                       layout.elsewhere, layout.namesakes);
    }
    llvm_block_map_free(&layout.map);
    free(layout.counts);
    free(layout.edges);
    free(layout.next);
    free(layout.previous);
    free(layout.first);
    free(layout.last);
    free(layout.by_function);
    free((void *)layout.names);
    return done;
}

const struct writer writer_propeller = {
    .name = "propeller",
    .suffix = "propeller",
    .description = "basic blocks for clang -fbasic-block-sections=list=, with order for ld.lld",
    .needs_binary = true,
    .needs_symbols = true,
    .write = write_propeller,
};
