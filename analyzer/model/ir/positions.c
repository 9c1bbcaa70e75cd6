#include "analyzer/model/ir/positions.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

/* --- functions ----------------------------------------------------------------------- */

/* The last function of that name. */
static uint32_t find_name(const struct positions *positions, const char *name, size_t size)
{
    uint64_t hash = hash_bytes(name, size);
    size_t slot = HASH_INDEX_FIRST;
    uint32_t last = POSITION_NONE, number;
    while ((number = hash_index_next(&positions->functions_by_name, hash, &slot)) !=
           HASH_INDEX_NONE) {
        const char *known = positions->functions[number].name;
        if (strncmp(known, name, size) == 0 && known[size] == '\0' &&
            (last == POSITION_NONE || number > last))
            last = number;
    }
    return last;
}

bool positions_add_function(struct positions *positions, const char *name, size_t size,
                            uint32_t declared, uint32_t *function, struct error *error)
{
    uint32_t last = find_name(positions, name, size);
    for (uint32_t same = last; same != POSITION_NONE; same = positions->functions[same].previous) {
        if (positions->functions[same].declared == declared) {
            *function = same;
            return true;
        }
    }
    const char *kept = names_intern(&positions->names, name, size, error);
    if (!kept ||
        !memory_reserve(&positions->functions, &positions->function_capacity,
                        positions->function_count + 1, sizeof(*positions->functions), error))
        return false;
    *function = (uint32_t)positions->function_count++;
    positions->functions[*function] = (struct position_function){kept, declared, last};
    return hash_index_add(&positions->functions_by_name, hash_bytes(name, size), *function, error);
}

uint32_t positions_find_function(const struct positions *positions, const char *name,
                                 uint32_t declared)
{
    uint32_t last = find_name(positions, name, strlen(name));
    for (uint32_t same = last; same != POSITION_NONE; same = positions->functions[same].previous) {
        if (positions->functions[same].declared == declared)
            return same;
    }
    return last != POSITION_NONE && positions->functions[last].previous == POSITION_NONE
               ? last
               : POSITION_NONE;
}

/* --- positions ----------------------------------------------------------------------- */

static uint64_t hash_of(struct position position)
{
    uint64_t hash = hash_mix(position.inner, position.function);
    hash = hash_mix(hash, (uint64_t)position.line << 32 | position.column);
    return hash_mix(hash, position.discriminator);
}

static bool is_same(struct position a, struct position b)
{
    return a.inner == b.inner && a.function == b.function && a.line == b.line &&
           a.column == b.column && a.discriminator == b.discriminator;
}

uint32_t positions_find(const struct positions *positions, struct position position)
{
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number;
    while ((number = hash_index_next(&positions->by_content, hash_of(position), &slot)) !=
           HASH_INDEX_NONE) {
        if (is_same(positions->items[number], position))
            return number;
    }
    return POSITION_NONE;
}

bool positions_add(struct positions *positions, struct position position, uint32_t *number,
                   struct error *error)
{
    *number = positions_find(positions, position);
    if (*number != POSITION_NONE)
        return true;
    if (!memory_reserve(&positions->items, &positions->capacity, positions->count + 1,
                        sizeof(*positions->items), error))
        return false;
    *number = (uint32_t)positions->count++;
    positions->items[*number] = position;
    return hash_index_add(&positions->by_content, hash_of(position), *number, error);
}

size_t positions_frames(const struct positions *positions, uint32_t position,
                        uint32_t frames[POSITION_DEPTH_LIMIT])
{
    size_t depth = 0;
    for (; position != POSITION_NONE && depth < POSITION_DEPTH_LIMIT;
         position = positions->items[position].inner)
        frames[depth++] = position;
    return depth;
}

uint32_t positions_find_inlined(const struct positions *positions, uint32_t inner, uint32_t call)
{
    uint32_t frames[POSITION_DEPTH_LIMIT];
    size_t depth = positions_frames(positions, call, frames);
    while (depth > 0 && inner != POSITION_NONE) {
        struct position frame = positions->items[frames[--depth]];
        frame.inner = inner;
        inner = positions_find(positions, frame);
    }
    return inner;
}

uint32_t positions_find_call(const struct positions *positions, uint32_t position, size_t frames)
{
    uint32_t all[POSITION_DEPTH_LIMIT];
    size_t depth = positions_frames(positions, position, all);
    uint32_t call = POSITION_NONE;
    for (size_t i = depth > frames ? depth - frames : 0; i-- > 0;) {
        struct position frame = positions->items[all[i]];
        frame.inner = call;
        call = positions_find(positions, frame);
        if (call == POSITION_NONE)
            break;
    }
    return call;
}

void positions_free(struct positions *positions)
{
    names_free(&positions->names);
    free(positions->functions);
    free(positions->items);
    hash_index_free(&positions->functions_by_name);
    hash_index_free(&positions->by_content);
    *positions = (struct positions){0};
}
