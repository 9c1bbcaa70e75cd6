#include "analyzer/base/hash_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

#define FIRST_SIZE 64

static void put(struct hash_index *index, struct hash_slot item)
{
    size_t slot = item.hash & (index->size - 1);
    while (index->slots[slot].number != 0)
        slot = (slot + 1) & (index->size - 1);
    index->slots[slot] = item;
}

static bool grow(struct hash_index *index, struct error *error)
{
    struct hash_index larger = {.size = index->size > 0 ? 2 * index->size : FIRST_SIZE,
                                .count = index->count};
    larger.slots = calloc(larger.size, sizeof(*larger.slots));
    if (!larger.slots)
        return memory_exhausted(error);
    for (size_t i = 0; i < index->size; i++) {
        if (index->slots[i].number != 0)
            put(&larger, index->slots[i]);
    }
    free(index->slots);
    *index = larger;
    return true;
}

uint32_t hash_index_next(const struct hash_index *index, uint64_t hash, size_t *slot)
{
    if (index->size == 0)
        return HASH_INDEX_NONE;
    *slot = (*slot == HASH_INDEX_FIRST ? hash : *slot + 1) & (index->size - 1);
    for (; index->slots[*slot].number != 0; *slot = (*slot + 1) & (index->size - 1)) {
        if (index->slots[*slot].hash == hash)
            return index->slots[*slot].number - 1;
    }
    return HASH_INDEX_NONE;
}

bool hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number, struct error *error)
{
    assert(number != HASH_INDEX_NONE);
    if (2 * index->count >= index->size && !grow(index, error))
        return false;
    put(index, (struct hash_slot){hash, number + 1});
    index->count++;
    return true;
}

void hash_index_clear(struct hash_index *index)
{
    if (index->size > 0)
        memset(index->slots, 0, index->size * sizeof(*index->slots));
    index->count = 0;
}

void hash_index_free(struct hash_index *index)
{
    free(index->slots);
    *index = (struct hash_index){0};
}
