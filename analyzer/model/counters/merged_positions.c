#include "analyzer/model/counters/merged_positions.h"

#include <stdbool.h>

/* The position with another place in a frame. */
static uint32_t find_changed(const struct positions *positions, uint32_t position, size_t frame,
                             struct position place)
{
    uint32_t frames[POSITION_DEPTH_LIMIT];
    size_t depth = positions_frames(positions, position, frames);
    if (frame >= depth)
        return POSITION_NONE;
    place.inner = positions->items[frames[frame]].inner;
    uint32_t changed = positions_find(positions, place);
    while (frame > 0 && changed != POSITION_NONE) {
        struct position outer = positions->items[frames[--frame]];
        outer.inner = changed;
        changed = positions_find(positions, outer);
    }
    return changed;
}

size_t merged_position_calls(const struct positions *positions, uint32_t position)
{
    uint32_t frames[POSITION_DEPTH_LIMIT];
    size_t depth = positions_frames(positions, position, frames);
    return depth > 0 ? depth - 1 : 0;
}

uint32_t merged_position_find(const struct positions *positions, uint32_t position, size_t frame)
{
    uint32_t frames[POSITION_DEPTH_LIMIT];
    if (frame >= positions_frames(positions, position, frames))
        return POSITION_NONE;
    struct position place = {.function = positions->items[frames[frame]].function};
    return find_changed(positions, position, frame, place);
}

/* Whether two positions are in the same place of a function, whatever is inlined there. */
static bool is_same_place(const struct position *a, const struct position *b)
{
    return a->function == b->function && a->line == b->line && a->column == b->column &&
           a->discriminator == b->discriminator;
}

uint32_t merged_position_part(const struct positions *positions, uint32_t position, uint32_t place,
                              size_t frame)
{
    uint32_t frames[POSITION_DEPTH_LIMIT], places[POSITION_DEPTH_LIMIT];
    size_t depth = positions_frames(positions, position, frames);
    if (frame >= depth || frame >= positions_frames(positions, place, places))
        return position;
    for (size_t i = 0; i < frame; i++) {
        if (!is_same_place(&positions->items[frames[i]], &positions->items[places[i]]))
            return position;
    }
    const struct position *merged = &positions->items[frames[frame]];
    const struct position *own = &positions->items[places[frame]];
    if (merged->line != 0 || merged->function != own->function)
        return position;
    return find_changed(positions, position, frame, *own);
}
