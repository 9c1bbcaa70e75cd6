/*
 * Names that are kept once each, for every room of the analyzer: profiles by
 * symbol have few names and many places that tell them.
 */
#ifndef ANALYZER_BASE_NAMES_H
#define ANALYZER_BASE_NAMES_H

#include <stddef.h>

#include "analyzer/base/error.h"

/* Begins as {0}. */
struct names {
    char **items;
    size_t count, capacity;
    size_t *index; /* hash table over items: number + 1, 0 = free */
    size_t index_size;
};

/*
 * The one copy of a name of `size` bytes, which lives as long as the names do:
 * equal names have equal pointers.  NULL with ERROR_MEMORY.
 */
const char *names_intern(struct names *names, const char *name, size_t size, struct error *error);

/* The one copy of a name of `size` bytes, or NULL where it is not among them. */
const char *names_find(const struct names *names, const char *name, size_t size);

/* Takes names that are {0}, too, and makes them that. */
void names_free(struct names *names);

#endif
