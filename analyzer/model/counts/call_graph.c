#include "analyzer/model/counts/call_graph.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

/* --- nodes and edges ----------------------------------------------------------------------- */

static const struct function *function_at(const struct binary *binary, uint32_t module,
                                          struct location location)
{
    const struct function *function =
        location.module == module ? binary_function_at(binary, location.address) : NULL;
    return function && !function->is_plt ? function : NULL;
}

static int compare_nodes(const void *left, const void *right)
{
    const struct call_node *a = left;
    const struct call_node *b = right;
    return COMPARE((uintptr_t)a->function, (uintptr_t)b->function);
}

static bool add_node(struct call_graph *graph, const struct function *function, uint64_t weight,
                     struct error *error)
{
    if (!function)
        return true;
    if (!memory_reserve(&graph->nodes, &graph->node_capacity, graph->node_count + 1,
                        sizeof(struct call_node), error))
        return false;
    graph->nodes[graph->node_count++] = (struct call_node){function, weight};
    return true;
}

static bool find_nodes(struct call_graph *graph, const struct profile *profile, uint32_t module,
                       const struct binary *binary, struct error *error)
{
    bool has_samples = false;
    size_t kept = 0;
    for (size_t i = 0; i < profile->trace_count && !has_samples; i++)
        has_samples = profile->traces[i].from.module == PROFILE_MODULE_NONE &&
                      profile->traces[i].to.module == module;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool counts = !has_samples || trace->from.module == PROFILE_MODULE_NONE;
        if (!add_node(graph, function_at(binary, module, trace->from), 0, error) ||
            !add_node(graph, function_at(binary, module, trace->to), counts ? trace->count : 0,
                      error))
            return false;
    }
    if (graph->node_count == 0)
        return true;
    qsort(graph->nodes, graph->node_count, sizeof(struct call_node), compare_nodes);
    for (size_t i = 1; i < graph->node_count; i++) {
        if (graph->nodes[kept].function == graph->nodes[i].function)
            graph->nodes[kept].weight =
                count_add(graph->nodes[kept].weight, graph->nodes[i].weight);
        else
            graph->nodes[++kept] = graph->nodes[i];
    }
    graph->node_count = kept + 1;
    return true;
}

static uint32_t node_of(const struct call_graph *graph, const struct function *function)
{
    struct call_node wanted = {.function = function};
    const struct call_node *found =
        bsearch(&wanted, graph->nodes, graph->node_count, sizeof(struct call_node), compare_nodes);
    return (uint32_t)(found - graph->nodes);
}

static int compare_edges(const void *left, const void *right)
{
    const struct call_edge *a = left;
    const struct call_edge *b = right;
    int order = COMPARE(a->callee, b->callee);
    return order ? order : COMPARE(a->caller, b->caller);
}

static bool find_edges(struct call_graph *graph, const struct profile *profile, uint32_t module,
                       const struct binary *binary, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        const struct function *caller = function_at(binary, module, trace->from);
        const struct function *callee = function_at(binary, module, trace->to);
        if (!caller || !callee || caller == callee || callee->address != trace->to.address)
            continue;
        if (!memory_reserve(&graph->edges, &graph->edge_capacity, graph->edge_count + 1,
                            sizeof(struct call_edge), error))
            return false;
        graph->edges[graph->edge_count++] =
            (struct call_edge){node_of(graph, caller), node_of(graph, callee), trace->count};
    }
    if (graph->edge_count == 0)
        return true;
    qsort(graph->edges, graph->edge_count, sizeof(struct call_edge), compare_edges);
    for (size_t i = 1; i < graph->edge_count; i++) {
        if (compare_edges(&graph->edges[kept], &graph->edges[i]) == 0)
            graph->edges[kept].count = count_add(graph->edges[kept].count, graph->edges[i].count);
        else
            graph->edges[++kept] = graph->edges[i];
    }
    graph->edge_count = kept + 1;
    return true;
}

bool call_graph_build(struct call_graph *graph, const struct profile *profile, uint32_t module,
                      const struct binary *binary, struct error *error)
{
    assert(profile->is_normalised);
    *graph = (struct call_graph){0};
    return find_nodes(graph, profile, module, binary, error) &&
           find_edges(graph, profile, module, binary, error);
}

void call_graph_free(struct call_graph *graph)
{
    free(graph->nodes);
    free(graph->edges);
    *graph = (struct call_graph){0};
}

/* --- order --------------------------------------------------------------------------------- */

/*
 * What keeps clusters from growing without sense; the limits are those of lld's
 * CallGraphSort.cpp: a size in bytes, and how much less dense the caller's may get.
 */
#define LARGEST_CLUSTER 0x100000
#define DENSITY_LOSS 8

#define NO_NODE UINT32_MAX

/* Functions to be next to each other, in the order of `next`. */
struct cluster {
    uint32_t first, last;
    uint64_t size;
    double weight;
};

struct clustering {
    struct cluster *clusters;  /* at first one for each node, of the same number */
    uint32_t *cluster_of_node; /* or of another node that leads to it: see find_cluster */
    uint32_t *next;            /* of a node in its cluster */
    uint32_t *order;
};

static double density(const struct cluster *cluster)
{
    return cluster->weight / (double)(cluster->size > 0 ? cluster->size : 1);
}

/* A cluster that was appended to another stands for that one. */
static uint32_t find_cluster(struct clustering *clustering, uint32_t node)
{
    uint32_t *parents = clustering->cluster_of_node;
    while (parents[node] != node) {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    return node;
}

/* The node that calls this one most, or NO_NODE. */
static uint32_t most_frequent_caller(const struct call_graph *graph, uint32_t callee)
{
    uint64_t most = 0;
    uint32_t caller = NO_NODE;
    size_t edge = SEARCH_COUNT(graph->edge_count, i, graph->edges[i].callee < callee);
    for (; edge < graph->edge_count && graph->edges[edge].callee == callee; edge++) {
        if (graph->edges[edge].count > most) {
            most = graph->edges[edge].count;
            caller = graph->edges[edge].caller;
        }
    }
    return caller;
}

static void append(struct clustering *clustering, uint32_t to, uint32_t from)
{
    struct cluster *into = &clustering->clusters[to];
    struct cluster *added = &clustering->clusters[from];
    double weight = into->weight + added->weight;
    uint64_t size = into->size + added->size;
    if (size > LARGEST_CLUSTER ||
        weight / (double)(size > 0 ? size : 1) < density(into) / DENSITY_LOSS)
        return;
    clustering->next[into->last] = added->first;
    clustering->cluster_of_node[from] = to;
    *into = (struct cluster){into->first, added->last, size, weight};
}

static int compare_weights(const void *left, const void *right, void *context)
{
    const struct call_graph *graph = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    int order = COMPARE(graph->nodes[b].weight, graph->nodes[a].weight);
    return order ? order : COMPARE(a, b);
}

static int compare_densities(const void *left, const void *right, void *context)
{
    const struct cluster *clusters = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    int order = COMPARE(density(&clusters[b]), density(&clusters[a]));
    return order ? order : COMPARE(a, b);
}

/* The hottest functions choose first where they go: behind who calls them most. */
static void cluster_nodes(struct clustering *clustering, const struct call_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i++) {
        const struct call_node *node = &graph->nodes[i];
        clustering->clusters[i] =
            (struct cluster){i, i, node->function->size, (double)node->weight};
        clustering->cluster_of_node[i] = i;
        clustering->next[i] = NO_NODE;
        clustering->order[i] = i;
    }
    if (graph->node_count > 1)
        qsort_r(clustering->order, graph->node_count, sizeof(uint32_t), compare_weights,
                (void *)graph);
    for (size_t i = 0; i < graph->node_count; i++) {
        uint32_t node = clustering->order[i];
        uint32_t caller = most_frequent_caller(graph, node);
        uint32_t own = find_cluster(clustering, node);
        uint32_t its = caller == NO_NODE ? own : find_cluster(clustering, caller);
        if (own != its)
            append(clustering, its, own);
    }
}

static void order_nodes(struct clustering *clustering, size_t node_count)
{
    uint32_t *numbers = clustering->cluster_of_node;
    size_t cluster_count = 0;
    size_t count = 0;
    for (uint32_t i = 0; i < node_count; i++) {
        if (numbers[i] == i)
            numbers[cluster_count++] = i;
    }
    if (cluster_count > 1)
        qsort_r(numbers, cluster_count, sizeof(uint32_t), compare_densities, clustering->clusters);
    for (size_t i = 0; i < cluster_count; i++) {
        uint32_t node = clustering->clusters[numbers[i]].first;
        for (; node != NO_NODE; node = clustering->next[node])
            clustering->order[count++] = node;
    }
}

uint32_t *call_graph_order(const struct call_graph *graph, struct error *error)
{
    size_t count = graph->node_count + 1;
    struct clustering clustering = {
        .clusters = calloc(count, sizeof(struct cluster)),
        .cluster_of_node = calloc(count, sizeof(uint32_t)),
        .next = calloc(count, sizeof(uint32_t)),
        .order = calloc(count, sizeof(uint32_t)),
    };
    if (clustering.clusters && clustering.cluster_of_node && clustering.next && clustering.order) {
        cluster_nodes(&clustering, graph);
        order_nodes(&clustering, graph->node_count);
    } else {
        memory_exhausted(error);
        free(clustering.order);
        clustering.order = NULL;
    }
    free(clustering.clusters);
    free(clustering.cluster_of_node);
    free(clustering.next);
    return clustering.order;
}
