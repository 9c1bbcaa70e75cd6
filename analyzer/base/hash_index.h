/*
 * Numbers of items by their hash values: an index over an array that somebody else has.
 *
 *     size_t slot = HASH_INDEX_FIRST;
 *     while ((number = hash_index_next(&index, hash, &slot)) != HASH_INDEX_NONE) {
 *         if (items[number] is the one)
 *             return number;
 *     }
 */
#ifndef ANALYZER_BASE_HASH_INDEX_H
#define ANALYZER_BASE_HASH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

#define HASH_INDEX_NONE UINT32_MAX
#define HASH_INDEX_FIRST SIZE_MAX

struct hash_slot {
    uint64_t hash;
    uint32_t number; /* of the item, plus 1; 0: free */
};

/* Begins as {0}. */
struct hash_index {
    struct hash_slot *slots;
    size_t size; /* 0, or a power of two */
    size_t count;
};

/* The number of the next item that was added with that hash value, or HASH_INDEX_NONE. */
uint32_t hash_index_next(const struct hash_index *index, uint64_t hash, size_t *slot);

/* Adds the number of an item, which must be below HASH_INDEX_NONE.  ERROR_MEMORY. */
bool hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number, struct error *error);

/* Takes out all that was added, and keeps the memory. */
void hash_index_clear(struct hash_index *index);

/* Takes one that is {0}, too, and makes it that. */
void hash_index_free(struct hash_index *index);

#endif
