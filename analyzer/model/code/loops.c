#include "analyzer/model/code/loops.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"

/* Edges by one end: those of block b are items[first[b]] up to items[first[b + 1]]. */
struct adjacency {
    uint32_t *first, *items;
};

struct loop_finder {
    struct loops *loops;
    size_t nodes; /* the blocks, and one before all entries */
    struct adjacency successors, predecessors;
    uint32_t *order; /* nodes, entries first: reverse postorder */
    uint32_t *rank;  /* of each node in it; UINT32_MAX: nothing leads there */
    size_t reached;
    uint32_t *dominator; /* of each node, the nearest; the root's is itself */
    uint32_t *work;
};

static bool make_adjacency(struct adjacency *adjacency, size_t nodes, const struct loop_edge *edges,
                           size_t edge_count, bool by_target)
{
    adjacency->first = calloc(nodes + 2, sizeof(uint32_t));
    adjacency->items = calloc(edge_count + 1, sizeof(uint32_t));
    if (!adjacency->first || !adjacency->items)
        return false;
    for (size_t i = 0; i < edge_count; i++)
        adjacency->first[(by_target ? edges[i].to : edges[i].from) + 2]++;
    for (size_t i = 2; i < nodes + 2; i++)
        adjacency->first[i] += adjacency->first[i - 1];
    for (size_t i = 0; i < edge_count; i++) {
        uint32_t at = by_target ? edges[i].to : edges[i].from;
        adjacency->items[adjacency->first[at + 1]++] = by_target ? edges[i].from : edges[i].to;
    }
    return true;
}

/* The blocks' edges, and one from the root to each entry: block 0, and what nothing leads to. */
static struct loop_edge *with_root(size_t block_count, const struct loop_edge *edges,
                                   size_t edge_count, size_t *count)
{
    struct loop_edge *all = calloc(edge_count + block_count + 1, sizeof(*all));
    bool *is_reached = calloc(block_count + 1, sizeof(*is_reached));
    *count = 0;
    for (size_t i = 0; all && is_reached && i < edge_count; i++) {
        all[(*count)++] = edges[i];
        is_reached[edges[i].to] = true;
    }
    for (size_t i = 0; all && is_reached && i < block_count; i++) {
        if (i == 0 || !is_reached[i])
            all[(*count)++] = (struct loop_edge){(uint32_t)block_count, (uint32_t)i};
    }
    if (!is_reached) {
        free(all);
        all = NULL;
    }
    free(is_reached);
    return all;
}

/* Depth first; `work` holds the path, `next` where each node on it goes on. */
static void order_nodes(struct loop_finder *finder, uint32_t *next)
{
    const struct adjacency *successors = &finder->successors;
    uint32_t root = (uint32_t)finder->nodes - 1;
    size_t depth = 0;
    size_t finished = finder->nodes;
    for (size_t i = 0; i < finder->nodes; i++) {
        next[i] = successors->first[i];
        finder->rank[i] = UINT32_MAX;
    }
    finder->work[depth++] = root;
    finder->rank[root] = 0;
    while (depth > 0) {
        uint32_t node = finder->work[depth - 1];
        if (next[node] == successors->first[node + 1]) {
            finder->order[--finished] = node;
            depth--;
            continue;
        }
        uint32_t to = successors->items[next[node]++];
        if (finder->rank[to] == UINT32_MAX) {
            finder->rank[to] = 0;
            finder->work[depth++] = to;
        }
    }
    finder->reached = finder->nodes - finished;
    for (size_t i = finished; i < finder->nodes; i++) {
        finder->order[i - finished] = finder->order[i];
        finder->rank[finder->order[i - finished]] = (uint32_t)(i - finished);
    }
}

static uint32_t common_dominator(const struct loop_finder *finder, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (finder->rank[a] > finder->rank[b])
            a = finder->dominator[a];
        while (finder->rank[b] > finder->rank[a])
            b = finder->dominator[b];
    }
    return a;
}

static void find_dominators(struct loop_finder *finder)
{
    uint32_t root = finder->order[0];
    bool changed = true;
    for (size_t i = 0; i < finder->nodes; i++)
        finder->dominator[i] = UINT32_MAX;
    finder->dominator[root] = root;
    while (changed) {
        changed = false;
        for (size_t i = 1; i < finder->reached; i++) {
            uint32_t node = finder->order[i];
            uint32_t found = UINT32_MAX;
            for (uint32_t e = finder->predecessors.first[node];
                 e < finder->predecessors.first[node + 1]; e++) {
                uint32_t from = finder->predecessors.items[e];
                if (finder->rank[from] == UINT32_MAX || finder->dominator[from] == UINT32_MAX)
                    continue;
                found = found == UINT32_MAX ? from : common_dominator(finder, from, found);
            }
            changed = changed || finder->dominator[node] != found;
            finder->dominator[node] = found;
        }
    }
}

static bool dominates(const struct loop_finder *finder, uint32_t above, uint32_t node)
{
    while (finder->rank[node] > finder->rank[above])
        node = finder->dominator[node];
    return node == above;
}

static bool is_back_edge(const struct loop_finder *finder, uint32_t from, uint32_t to)
{
    return finder->rank[from] != UINT32_MAX && dominates(finder, to, from);
}

/* A loop of every header, those around others first. */
static bool find_headers(struct loop_finder *finder, struct error *error)
{
    struct loops *loops = finder->loops;
    for (size_t i = 1; i < finder->reached; i++) {
        uint32_t node = finder->order[i];
        bool is_header = false;
        for (uint32_t e = finder->predecessors.first[node];
             !is_header && e < finder->predecessors.first[node + 1]; e++)
            is_header = is_back_edge(finder, finder->predecessors.items[e], node);
        if (!is_header)
            continue;
        if (!memory_reserve(&loops->items, &loops->capacity, loops->count + 1,
                            sizeof(*loops->items), error))
            return false;
        loops->items[loops->count++] = (struct natural_loop){.header = node, .parent = LOOP_NONE};
    }
    return true;
}

/* What leads back to the header; outer loops come first, so inner ones replace them. */
static void fill_loop(struct loop_finder *finder, uint32_t number)
{
    struct loops *loops = finder->loops;
    struct natural_loop *loop = &loops->items[number];
    size_t waiting = 0;
    loop->parent = loops->innermost[loop->header];
    loop->depth = loop->parent == LOOP_NONE ? 1 : loops->items[loop->parent].depth + 1;
    loops->innermost[loop->header] = number;
    for (uint32_t e = finder->predecessors.first[loop->header];
         e < finder->predecessors.first[loop->header + 1]; e++) {
        uint32_t from = finder->predecessors.items[e];
        if (is_back_edge(finder, from, loop->header) && loops->innermost[from] != number) {
            loops->innermost[from] = number;
            finder->work[waiting++] = from;
        }
    }
    while (waiting > 0) {
        uint32_t node = finder->work[--waiting];
        for (uint32_t e = finder->predecessors.first[node];
             e < finder->predecessors.first[node + 1]; e++) {
            uint32_t from = finder->predecessors.items[e];
            if (finder->rank[from] == UINT32_MAX || loops->innermost[from] == number)
                continue;
            loops->innermost[from] = number;
            finder->work[waiting++] = from;
        }
    }
}

static int compare_headers(const void *left, const void *right)
{
    const struct natural_loop *a = left;
    const struct natural_loop *b = right;
    return COMPARE(a->header, b->header);
}

/* Loops were numbered in the order of the search; people want that of the code. */
static bool sort_loops(struct loops *loops, struct error *error)
{
    uint32_t *headers = calloc(loops->count + 1, sizeof(*headers));
    uint32_t *number = calloc(loops->count + 1, sizeof(*number));
    bool done = headers && number;
    if (!done)
        memory_exhausted(error);
    for (size_t i = 0; done && i < loops->count; i++)
        headers[i] = loops->items[i].header;
    if (done && loops->count > 0)
        qsort(loops->items, loops->count, sizeof(*loops->items), compare_headers);
    for (size_t i = 0; done && i < loops->count; i++) {
        size_t at = 0;
        while (loops->items[at].header != headers[i])
            at++;
        number[i] = (uint32_t)at;
    }
    for (size_t i = 0; done && i < loops->count; i++) {
        if (loops->items[i].parent != LOOP_NONE)
            loops->items[i].parent = number[loops->items[i].parent];
    }
    for (size_t i = 0; done && i < loops->block_count; i++) {
        if (loops->innermost[i] != LOOP_NONE)
            loops->innermost[i] = number[loops->innermost[i]];
    }
    free(headers);
    free(number);
    return done;
}

static void finder_free(struct loop_finder *finder)
{
    free(finder->successors.first);
    free(finder->successors.items);
    free(finder->predecessors.first);
    free(finder->predecessors.items);
    free(finder->order);
    free(finder->rank);
    free(finder->dominator);
    free(finder->work);
}

static bool prepare(struct loop_finder *finder, const struct loop_edge *edges, size_t edge_count)
{
    size_t nodes = finder->nodes;
    finder->loops->innermost = calloc(nodes + 1, sizeof(uint32_t));
    finder->order = calloc(nodes + 1, sizeof(uint32_t));
    finder->rank = calloc(nodes + 1, sizeof(uint32_t));
    finder->dominator = calloc(nodes + 1, sizeof(uint32_t));
    finder->work = calloc(nodes + edge_count + 1, sizeof(uint32_t));
    return finder->loops->innermost && finder->order && finder->rank && finder->dominator &&
           finder->work && make_adjacency(&finder->successors, nodes, edges, edge_count, false) &&
           make_adjacency(&finder->predecessors, nodes, edges, edge_count, true);
}

bool loops_find(struct loops *loops, size_t block_count, const struct loop_edge *edges,
                size_t edge_count, struct error *error)
{
    struct loop_finder finder = {.loops = loops, .nodes = block_count + 1};
    size_t count = 0;
    *loops = (struct loops){.block_count = block_count};
    struct loop_edge *all = with_root(block_count, edges, edge_count, &count);
    bool done = all && prepare(&finder, all, count);
    if (!done)
        memory_exhausted(error);
    if (done) {
        order_nodes(&finder, finder.dominator);
        find_dominators(&finder);
        for (size_t i = 0; i < block_count + 1; i++)
            loops->innermost[i] = LOOP_NONE;
        done = find_headers(&finder, error);
    }
    for (size_t i = 0; done && i < loops->count; i++)
        fill_loop(&finder, (uint32_t)i);
    done = done && sort_loops(loops, error);
    finder_free(&finder);
    free(all);
    return done;
}

void loops_free(struct loops *loops)
{
    free(loops->items);
    free(loops->innermost);
    *loops = (struct loops){0};
}

bool loops_contain(const struct loops *loops, uint32_t loop, uint32_t block)
{
    for (uint32_t at = loops->innermost[block]; at != LOOP_NONE; at = loops->items[at].parent) {
        if (at == loop)
            return true;
    }
    return false;
}
