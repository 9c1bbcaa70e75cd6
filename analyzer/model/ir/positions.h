/*
 * Positions in a source text with all that they are inlined into: from the innermost
 * function outwards, each with its line, column and base discriminator.  Both a compiler's
 * intermediate representation and a binary's debug information tell them, so that counts
 * find their way from one to the other.  Each position is kept once and has a number.
 */
#ifndef ANALYZER_MODEL_IR_POSITIONS_H
#define ANALYZER_MODEL_IR_POSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/hash_index.h"
#include "analyzer/base/names.h"

#define POSITION_NONE UINT32_MAX

/* No compiler inlines so deep; what goes deeper makes no sense. */
#define POSITION_DEPTH_LIMIT 1000

/* A function as source text has it: several of one name are static ones of several files. */
struct position_function {
    const char *name;  /* the linkage name where there is one; of `names` */
    uint32_t declared; /* line */
    uint32_t previous; /* of the same name, or POSITION_NONE */
};

struct position {
    uint32_t inner;    /* what is inlined here, up to that; POSITION_NONE: nothing */
    uint32_t function; /* number */
    uint32_t line, column, discriminator;
};

/* Begins as {0}. */
struct positions {
    struct names names; /* of functions, and of whatever else has a name */
    struct position_function *functions;
    size_t function_count, function_capacity;
    struct position *items;
    size_t count, capacity;
    struct hash_index functions_by_name, by_content;
};

/* Adds a function unless it is there; the name needs no terminating zero.  ERROR_MEMORY. */
bool positions_add_function(struct positions *positions, const char *name, size_t size,
                            uint32_t declared, uint32_t *function, struct error *error);

/*
 * The number of a function: of that name and line, or else the only one of that name;
 * POSITION_NONE where there is none.
 */
uint32_t positions_find_function(const struct positions *positions, const char *name,
                                 uint32_t declared);

/* Adds a position unless it is there.  ERROR_MEMORY. */
bool positions_add(struct positions *positions, struct position position, uint32_t *number,
                   struct error *error);

/* The number of a position, or POSITION_NONE. */
uint32_t positions_find(const struct positions *positions, struct position position);

/* The frames of a position, outermost first: the positions from it to its innermost.  Returns how
 * many. */
size_t positions_frames(const struct positions *positions, uint32_t position,
                        uint32_t frames[POSITION_DEPTH_LIMIT]);

/* The position that `inner` has where it is inlined at `call`; POSITION_NONE where that is not
 * among them. */
uint32_t positions_find_inlined(const struct positions *positions, uint32_t inner, uint32_t call);

/* The position without its innermost `frames`, which is that of a call; POSITION_NONE where that is
 * not among them, or nothing is left. */
uint32_t positions_find_call(const struct positions *positions, uint32_t position, size_t frames);

void positions_free(struct positions *positions);

#endif
