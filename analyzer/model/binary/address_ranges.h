/*
 * Sets of addresses, as ranges: which code a profile touches.
 */
#ifndef ANALYZER_MODEL_BINARY_ADDRESS_RANGES_H
#define ANALYZER_MODEL_BINARY_ADDRESS_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct address_range {
    uint64_t start;
    uint64_t end; /* first byte past it */
};

/* Begins as {0}. */
struct address_ranges {
    struct address_range *items; /* once joined: by address, not touching */
    size_t count, capacity;
};

/* Adds [start, end); nothing where that is empty. */
bool address_ranges_add(struct address_ranges *ranges, uint64_t start, uint64_t end,
                        struct error *error);

/* Sorts them and makes one of those that touch; needed before the questions below. */
void address_ranges_join(struct address_ranges *ranges);

/* The index of the first range that ends behind the address; their count where none does. */
size_t address_ranges_from(const struct address_ranges *ranges, uint64_t address);

/* Whether any address of [start, end) is in them. */
bool address_ranges_meet(const struct address_ranges *ranges, uint64_t start, uint64_t end);

/* Takes ones that are {0}, too. */
void address_ranges_free(struct address_ranges *ranges);

#endif
