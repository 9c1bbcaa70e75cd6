/*
 * The natural loops of a function: a block that all ways into the loop go through, its header,
 * and the blocks that lead back there (Aho, Lam, Sethi, Ullman, "Compilers", 9.6).  Dominators by
 * Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm", 2001.
 */
#ifndef ANALYZER_MODEL_CODE_LOOPS_H
#define ANALYZER_MODEL_CODE_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* A way from one block to another, by their numbers. */
struct loop_edge {
    uint32_t from, to;
};

#define LOOP_NONE UINT32_MAX

struct natural_loop {
    uint32_t header;
    uint32_t parent; /* the innermost loop around it, or LOOP_NONE */
    uint32_t depth;  /* 1: in no other */
};

struct loops {
    struct natural_loop *items; /* by header */
    size_t count, capacity;
    uint32_t *innermost; /* of each block: a loop, or LOOP_NONE */
    size_t block_count;
};

/*
 * Of blocks 0 to `block_count` - 1, which are entered at block 0 and at those that nothing leads
 * to.  The caller frees with loops_free, also after a failure.
 */
bool loops_find(struct loops *loops, size_t block_count, const struct loop_edge *edges,
                size_t edge_count, struct error *error);
void loops_free(struct loops *loops);

/* Whether the block is in the loop, or in one that is in it. */
bool loops_contain(const struct loops *loops, uint32_t loop, uint32_t block);

#endif
