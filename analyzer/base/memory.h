/*
 * Growing arrays and copies, with ERROR_MEMORY where memory runs out.
 */
#ifndef ANALYZER_BASE_MEMORY_H
#define ANALYZER_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"

/*
 * Makes room for `wanted` items in the array that `items` points to (a pointer
 * to the array's pointer), growing it by half at least.  ERROR_MEMORY leaves
 * the array as it was.
 */
bool memory_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size,
                    struct error *error);

/* A copy of `text` (NULL stays NULL), or NULL with ERROR_MEMORY.  The caller frees it. */
char *memory_copy_text(const char *text, struct error *error);

/* Fills `error` in with ERROR_MEMORY and returns false. */
bool memory_exhausted(struct error *error);

#endif
