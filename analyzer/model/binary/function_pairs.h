/*
 * The functions of two binaries that are one by their symbols: of what BOLT wrote and of what it
 * started from.
 */
#ifndef ANALYZER_MODEL_BINARY_FUNCTION_PAIRS_H
#define ANALYZER_MODEL_BINARY_FUNCTION_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

struct function_pair {
    uint64_t rewritten, original; /* where it begins, by link-time address */
};

struct function_pairs {
    struct function_pair *items; /* by address in the rewritten binary, which is unique */
    size_t count, capacity;
};

/*
 * Symbols of one name are paired in the order of the tables, which BOLT keeps; where one table
 * has more of that name than the other, none of them is.  ERROR_MEMORY or ERROR_ELF_GARBLED.
 * The caller frees them, also after a failure.
 */
bool function_pairs_read(struct function_pairs *pairs, const struct binary *rewritten,
                         const struct binary *original, struct error *error);
void function_pairs_free(struct function_pairs *pairs);

/* Where the function is in the original that begins there in the rewritten one; false: nowhere. */
bool function_pairs_find(const struct function_pairs *pairs, uint64_t rewritten,
                         uint64_t *original);

#endif
