#include "analyzer/model/counters/position_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/discriminator.h"
#include "analyzer/base/memory.h"

struct position_stacks {
    struct positions *positions, *contexts;
    struct source_lines *lines;
    struct position_stack stack; /* of the last address */
};

struct position_stacks *position_stacks_new(struct positions *positions, struct positions *contexts,
                                            struct source_lines *lines, struct error *error)
{
    struct position_stacks *stacks = calloc(1, sizeof(*stacks));
    if (!stacks) {
        memory_exhausted(error);
        return NULL;
    }
    stacks->positions = positions;
    stacks->contexts = contexts;
    stacks->lines = lines;
    return stacks;
}

void position_stacks_free(struct position_stacks *stacks)
{
    free(stacks);
}

bool position_function_of(struct positions *positions, const struct source_frame *frame,
                          uint32_t *function, struct error *error)
{
    *function = positions_find_function(positions, frame->function, frame->declared);
    return *function != POSITION_NONE ||
           positions_add_function(positions, frame->function, strlen(frame->function),
                                  frame->declared, function, error);
}

/* Outermost first, as they are told. */
static bool add_frames(struct position_stacks *stacks, const struct source_frame *frames,
                       size_t count, struct error *error)
{
    struct position_stack *stack = &stacks->stack;
    struct position places[POSITION_DEPTH_LIMIT];
    uint32_t context;
    if (!positions_add(stacks->contexts,
                       (struct position){.inner = POSITION_NONE, .function = stack->function},
                       &context, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct position){
            .line = frames[i].line,
            .column = frames[i].column,
            .discriminator = discriminator_base(frames[i].discriminator),
        };
        if (!position_function_of(stacks->positions, &frames[i], &places[i].function, error))
            return false;
        stack->items[count - 1 - i].context = context;
        struct position outer = places[i];
        outer.inner = context;
        if (!positions_add(stacks->contexts, outer, &context, error))
            return false;
    }
    uint32_t inner = POSITION_NONE;
    for (size_t i = count; i-- > 0;) {
        places[i].inner = inner;
        if (!positions_add(stacks->positions, places[i], &inner, error))
            return false;
        stack->items[count - 1 - i].position = inner;
    }
    stack->depth = count;
    return true;
}

const struct position_stack *position_stack_at(struct position_stacks *stacks, uint64_t address,
                                               struct error *error)
{
    struct position_stack *stack = &stacks->stack;
    const struct source_frame *frames;
    size_t count;
    if (address >= stack->start && address < stack->end)
        return stack;
    stack->start = stack->end = address;
    stack->depth = 0;
    if (!source_frames_at(stacks->lines, address, &frames, &count, &stack->end, error))
        return NULL;
    if (count == 0 || count > POSITION_DEPTH_LIMIT || frames[count - 1].line == 0)
        return stack;
    stack->function = source_range_at(stacks->lines, address)->function_number;
    stack->copies = discriminator_copies(frames[count - 1].discriminator);
    return add_frames(stacks, frames, count, error) ? stack : NULL;
}
