/*
 * The positions of a binary's code: that of an address in the function that it was written in,
 * in the one that this is inlined into, and so on outwards, each with what is around it there.
 */
#ifndef ANALYZER_MODEL_COUNTERS_POSITION_STACKS_H
#define ANALYZER_MODEL_COUNTERS_POSITION_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/debug/source_lines.h"
#include "analyzer/model/ir/positions.h"

struct position_stack {
    uint64_t start, end; /* addresses with this stack */
    size_t depth;        /* 0: no position is known */
    uint32_t function;   /* of the debug information */
    uint32_t copies;     /* that the compiler made of the code */
    struct {
        uint32_t position;
        uint32_t context;          /* number of what it was inlined into */
    } items[POSITION_DEPTH_LIMIT]; /* innermost first */
};

struct position_stacks;

/*
 * Positions and contexts are added to as addresses are asked for; all must outlive it.  NULL with
 * ERROR_MEMORY; position_stacks_free takes NULL.
 */
struct position_stacks *position_stacks_new(struct positions *positions, struct positions *contexts,
                                            struct source_lines *lines, struct error *error);
void position_stacks_free(struct position_stacks *stacks);

/* Holds until the next call.  NULL with an error. */
const struct position_stack *position_stack_at(struct position_stacks *stacks, uint64_t address,
                                               struct error *error);

/* The function of the positions that a frame is in, which is added where there is none. */
bool position_function_of(struct positions *positions, const struct source_frame *frame,
                          uint32_t *function, struct error *error);

#endif
