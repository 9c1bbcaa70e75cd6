#include "analyzer/base/memory.h"

#include <stdlib.h>
#include <string.h>

bool memory_exhausted(struct error *error)
{
    error_set(error, ERROR_MEMORY, "pgo-analyze", NULL);
    return false;
}

bool memory_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size,
                    struct error *error)
{
    void *old;
    void *grown;
    size_t room = *capacity + *capacity / 2;
    if (wanted <= *capacity)
        return true;
    if (room < wanted)
        room = wanted;
    if (room < 16)
        room = 16;
    memcpy(&old, items, sizeof(old)); /* items is a T **, whatever T is */
    grown = reallocarray(old, room, item_size);
    if (!grown)
        return memory_exhausted(error);
    memcpy(items, &grown, sizeof(grown));
    *capacity = room;
    return true;
}

char *memory_copy_text(const char *text, struct error *error)
{
    char *copy;
    if (!text)
        return NULL;
    copy = strdup(text);
    if (!copy)
        memory_exhausted(error);
    return copy;
}
