/*
 * Code of a source function, by address.
 */
#ifndef ANALYZER_MODEL_DEBUG_SOURCE_RANGE_H
#define ANALYZER_MODEL_DEBUG_SOURCE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define SOURCE_NO_FUNCTION UINT32_MAX

/* A range of a function's code; functions that are split have several. */
struct source_range {
    uint64_t start;
    uint64_t end; /* first byte past it */
    const char *function;
    bool is_entry;            /* the function begins here */
    uint32_t function_number; /* SOURCE_NO_FUNCTION: from a symbol */
};

#endif
