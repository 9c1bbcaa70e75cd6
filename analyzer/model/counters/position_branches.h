/*
 * Which ways branches of a binary went: of each position with a branch, how often each side was
 * taken, and the position of the code that it came to.
 */
#ifndef ANALYZER_MODEL_COUNTERS_POSITION_BRANCHES_H
#define ANALYZER_MODEL_COUNTERS_POSITION_BRANCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counters/position_stacks.h"
#include "analyzer/model/counts/ranges_and_branches.h"

/* A conditional branch; of an indirect jump each target is one, with nothing on the other side. */
struct position_branch {
    uint32_t context; /* what the position was inlined into */
    struct {
        uint32_t landing; /* position in the same context, or POSITION_NONE: not known */
        uint64_t count;
    } sides[2];
    uint32_t next; /* of the position, or POSITION_NONE */
};

/* Begins as {0}. */
struct position_branches {
    struct position_branch *items;
    size_t count, capacity;
    uint32_t *first; /* by position */
    size_t first_size, first_capacity;
};

/*
 * Of all branches that ran.  `positions` are those that `stacks` adds to.  `lines` must have been
 * opened for what `counts` touches.  The caller frees it, also after a failure.
 */
bool position_branches_build(struct position_branches *branches, struct position_stacks *stacks,
                             const struct positions *positions, struct source_lines *lines,
                             const struct ranges_and_branches *counts, const struct binary *binary,
                             struct error *error);
void position_branches_free(struct position_branches *branches);

/* The first branch of a position, or NULL, and the one behind. */
const struct position_branch *position_branches_first(const struct position_branches *branches,
                                                      uint32_t position);
const struct position_branch *position_branches_next(const struct position_branches *branches,
                                                     const struct position_branch *branch);

#endif
