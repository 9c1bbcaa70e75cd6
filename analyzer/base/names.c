#include "analyzer/base/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

#define FIRST_INDEX_SIZE 256

static bool grow_index(struct names *names, struct error *error)
{
    size_t size = names->index_size > 0 ? 2 * names->index_size : FIRST_INDEX_SIZE;
    size_t *index = calloc(size, sizeof(*index));
    if (!index)
        return memory_exhausted(error);
    for (size_t i = 0; i < names->count; i++) {
        size_t slot = (size_t)hash_bytes(names->items[i], strlen(names->items[i])) % size;
        while (index[slot])
            slot = (slot + 1) % size;
        index[slot] = i + 1;
    }
    free(names->index);
    names->index = index;
    names->index_size = size;
    return true;
}

/* The slot of a name, or the free one where it would go; the index is not empty. */
static size_t find_slot(const struct names *names, const char *name, size_t size)
{
    size_t slot = (size_t)hash_bytes(name, size) % names->index_size;
    for (; names->index[slot]; slot = (slot + 1) % names->index_size) {
        const char *known = names->items[names->index[slot] - 1];
        if (strncmp(known, name, size) == 0 && known[size] == '\0')
            break;
    }
    return slot;
}

const char *names_find(const struct names *names, const char *name, size_t size)
{
    size_t slot = names->count > 0 ? find_slot(names, name, size) : 0;
    return names->count > 0 && names->index[slot] ? names->items[names->index[slot] - 1] : NULL;
}

const char *names_intern(struct names *names, const char *name, size_t size, struct error *error)
{
    if (2 * names->count >= names->index_size && !grow_index(names, error))
        return NULL;
    size_t slot = find_slot(names, name, size);
    if (names->index[slot])
        return names->items[names->index[slot] - 1];
    if (!memory_reserve(&names->items, &names->capacity, names->count + 1, sizeof(char *), error))
        return NULL;
    char *copy = strndup(name, size);
    if (!copy) {
        memory_exhausted(error);
        return NULL;
    }
    names->items[names->count++] = copy;
    names->index[slot] = names->count;
    return copy;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free((void *)names->items);
    free(names->index);
    *names = (struct names){0};
}
