#include "analyzer/model/counters/block_uses.h"

#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

static int compare_uses(const void *left, const void *right)
{
    const struct block_use *a = left;
    const struct block_use *b = right;
    return a->position != b->position ? COMPARE(a->position, b->position)
                                      : COMPARE(a->block, b->block);
}

bool block_uses_collect(struct block_uses *uses, const struct ir_program *program,
                        const struct ir_function *function, struct error *error)
{
    uses->count = 0;
    for (uint32_t i = 0; i < function->block_count; i++) {
        const struct ir_block *block = &program->blocks[function->first_block + i];
        for (uint32_t k = block->first_position; k < block[1].first_position; k++) {
            if (program->block_positions[k] == POSITION_NONE)
                continue;
            if (!memory_reserve(&uses->items, &uses->capacity, uses->count + 1,
                                sizeof(*uses->items), error))
                return false;
            uses->items[uses->count++] = (struct block_use){program->block_positions[k], i};
        }
    }
    if (uses->count > 0)
        qsort(uses->items, uses->count, sizeof(*uses->items), compare_uses);
    return true;
}

void block_uses_free(struct block_uses *uses)
{
    free(uses->items);
    *uses = (struct block_uses){0};
}

size_t block_uses_first(const struct block_uses *uses, uint32_t position)
{
    return SEARCH_COUNT(uses->count, i, uses->items[i].position < position);
}
