/*
 * Edges between places in the functions of a binary, with counts: a list that is gathered, then
 * brought in order.
 */
#ifndef ANALYZER_MODEL_COUNTS_EDGE_LIST_H
#define ANALYZER_MODEL_COUNTS_EDGE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/function.h"

/*
 * `from` and `to` are functions of the binary, or NULL for code that is none of
 * its functions' (another module, say); the offsets are bytes into them, 0
 * where they are NULL.
 */
struct edge {
    const struct function *from;
    const struct function *to;
    uint64_t from_offset;
    uint64_t to_offset;
    bool is_fall_through;
    uint64_t count;
};

struct edges {
    struct edge *items; /* by from, from_offset, to, to_offset, is_fall_through; keys are unique */
    size_t count, capacity;
    uint64_t branches;           /* taken branches in or out of the binary, returns included */
    uint64_t returns;            /* of those, which are no edges */
    uint64_t branches_outside;   /* of those, with neither end in a function */
    uint64_t runs;               /* straight runs in the binary */
    uint64_t ranges_mismatching; /* of those, not possible in its code */
    uint64_t ranges_out_of_code; /* of those, not in its functions */
};

/* Adds an edge; then, when all are there, brings them in order and adds up equal keys. */
bool edges_add(struct edges *edges, struct edge edge, struct error *error);
void edges_sort(struct edges *edges);

void edges_free(struct edges *edges);

#endif
