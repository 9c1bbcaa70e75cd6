#include "analyzer/model/counts/edge_list.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

bool edges_add(struct edges *edges, struct edge edge, struct error *error)
{
    if (!memory_reserve(&edges->items, &edges->capacity, edges->count + 1, sizeof(edge), error))
        return false;
    edges->items[edges->count++] = edge;
    return true;
}

/* Functions are ordered as in the binary; NULL comes last. */
static int compare_functions(const struct function *a, const struct function *b)
{
    return COMPARE((uintptr_t)a - 1, (uintptr_t)b - 1);
}

static int compare_edges(const void *left, const void *right)
{
    const struct edge *a = left;
    const struct edge *b = right;
    int order = compare_functions(a->from, b->from);
    if (order == 0)
        order = COMPARE(a->from_offset, b->from_offset);
    if (order == 0)
        order = compare_functions(a->to, b->to);
    if (order == 0)
        order = COMPARE(a->to_offset, b->to_offset);
    if (order == 0)
        order = a->is_fall_through - b->is_fall_through;
    return order;
}

void edges_sort(struct edges *edges)
{
    size_t kept = 0;
    if (edges->count > 0)
        qsort(edges->items, edges->count, sizeof(*edges->items), compare_edges);
    for (size_t i = 0; i < edges->count; i++) {
        if (kept > 0 && compare_edges(&edges->items[kept - 1], &edges->items[i]) == 0)
            edges->items[kept - 1].count =
                count_add(edges->items[kept - 1].count, edges->items[i].count);
        else
            edges->items[kept++] = edges->items[i];
    }
    edges->count = kept;
}

void edges_free(struct edges *edges)
{
    free(edges->items);
    *edges = (struct edges){0};
}
