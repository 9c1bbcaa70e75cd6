/*
 * What was inlined into one function, and into that, as the debug information tells it: to
 * which copy an address belongs.
 */
#ifndef ANALYZER_MODEL_DEBUG_INLINING_H
#define ANALYZER_MODEL_DEBUG_INLINING_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/debug/dwarf_units.h"

#define INLINING_NONE UINT32_MAX

/* A function, or a copy of one that was inlined into the `parent`. */
struct inlined {
    const char *function; /* NULL: without a name */
    Dwarf_Die die;
    uint32_t declared; /* line; 0 where it is not known */
    uint32_t parent;   /* of the function itself: INLINING_NONE */
    uint32_t call_line;
    uint32_t call_column;
    uint32_t call_discriminator;
};

/* Code of a node; while they are read, what comes later covers what came before. */
struct inlining_patch {
    uint64_t start;
    uint64_t end;
    uint32_t node;
};

/* Begins as {0}, or with `has_columns`: without, those of calls are 0. */
struct inlining {
    bool has_columns;
    struct inlined *nodes; /* callers before what is inlined into them; the first is the function */
    size_t node_count, node_capacity;
    struct inlining_patch *patches; /* by address, not overlapping */
    size_t patch_count, patch_capacity;
};

/*
 * Reads it from the function's entry in the unit, one of `units`; the caller frees
 * it also after a failure.  ERROR_NO_DEBUG_INFO where the unit makes no sense.
 */
bool inlining_read(struct inlining *inlining, struct dwarf_units *units,
                   const struct dwarf_unit *unit, Dwarf_Die *function, struct error *error);
void inlining_free(struct inlining *inlining);

/* The innermost copy at the address, or INLINING_NONE: an answer that holds until *until. */
uint32_t inlining_at(const struct inlining *inlining, uint64_t address, uint64_t *until);

#endif
