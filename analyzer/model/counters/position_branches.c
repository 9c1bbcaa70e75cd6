#include "analyzer/model/counters/position_branches.h"

#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/samples/counted_code.h"

/* Instructions without a position that are passed over to find where a side came to; of more, or of
 * a call, other code has become part. */
#define FURTHEST_LANDING 4

struct branching {
    struct position_branches *result;
    struct position_stacks *stacks;
    const struct positions *positions;
    const struct ranges_and_branches *counts;
    struct decoder *decoder;
    struct position_stack from; /* of the branch */
};

/* A side of a branch. */
struct side {
    uint64_t address;
    uint64_t count;
};

/*
 * Code of several places of one line has no column: what is between the branches that a switch
 * became is such.  Where there are no columns at all, the branch has none either.
 */
static bool tells_place(const struct branching *branching, const struct position_stack *stack)
{
    if (stack->depth == 0)
        return false;
    const struct position *positions = branching->positions->items;
    const struct position *place = &positions[stack->items[0].position];
    const struct position *from = &positions[branching->from.items[0].position];
    return place->column > 0 || from->column == 0 || place->line != from->line ||
           place->function != from->function;
}

/* Makes `stack` that of the first code with a position from an address on; NULL with an error. */
static bool find_landing(struct branching *branching, uint64_t address,
                         const struct position_stack **stack, struct error *error)
{
    struct instruction instruction;
    for (unsigned i = 0; i <= FURTHEST_LANDING; i++) {
        *stack = position_stack_at(branching->stacks, address, error);
        if (!*stack)
            return false;
        if (tells_place(branching, *stack) ||
            !decoder_decode(branching->decoder, address, &instruction))
            return true;
        if (instruction.kind == INSTRUCTION_JUMP && !instruction.is_indirect)
            address = instruction.target;
        else if (instruction.kind == INSTRUCTION_OTHER)
            address += instruction.size;
        else
            return true;
    }
    return (*stack = position_stack_at(branching->stacks, address, error)) != NULL;
}

static uint32_t position_in_context(const struct position_stack *stack, uint32_t context)
{
    for (size_t i = 0; i < stack->depth; i++) {
        if (stack->items[i].context == context)
            return stack->items[i].position;
    }
    return POSITION_NONE;
}

static bool add_branch(struct position_branches *result, uint32_t position,
                       const struct position_branch *branch, struct error *error)
{
    if (!memory_reserve(&result->first, &result->first_capacity, (size_t)position + 1,
                        sizeof(*result->first), error) ||
        !memory_reserve(&result->items, &result->capacity, result->count + 1, sizeof(*branch),
                        error))
        return false;
    while (result->first_size <= position)
        result->first[result->first_size++] = POSITION_NONE;
    result->items[result->count] = *branch;
    result->items[result->count].next = result->first[position];
    result->first[position] = (uint32_t)result->count++;
    return true;
}

/* For each function that the branch is in. */
static bool add_sides(struct branching *branching, uint64_t address, const struct side sides[2],
                      struct error *error)
{
    const struct position_stack *stack = position_stack_at(branching->stacks, address, error);
    if (!stack)
        return false;
    branching->from = *stack;
    if (branching->from.depth == 0)
        return true;
    size_t first = branching->result->count;
    for (size_t i = 0; i < branching->from.depth; i++) {
        struct position_branch branch = {.context = branching->from.items[i].context};
        if (!add_branch(branching->result, branching->from.items[i].position, &branch, error))
            return false;
    }
    for (unsigned side = 0; side < 2; side++) {
        if (!find_landing(branching, sides[side].address, &stack, error))
            return false;
        for (size_t i = 0; i < branching->from.depth; i++) {
            struct position_branch *branch = &branching->result->items[first + i];
            branch->sides[side].count = sides[side].count;
            branch->sides[side].landing = position_in_context(stack, branch->context);
        }
    }
    return true;
}

static bool add_instruction(struct branching *branching, const struct instruction *instruction,
                            uint64_t executed, struct error *error)
{
    const struct ranges_and_branches *counts = branching->counts;
    size_t i =
        SEARCH_COUNT(counts->branch_count, k, counts->branches[k].from < instruction->address);
    struct side taken = {instruction->target, 0};
    bool is_jump = instruction->kind == INSTRUCTION_JUMP && instruction->is_indirect;
    if (!is_jump && instruction->kind != INSTRUCTION_CONDITIONAL)
        return true;
    for (; i < counts->branch_count && counts->branches[i].from == instruction->address; i++) {
        struct side side = {counts->branches[i].to, counts->branches[i].count};
        if (is_jump && !add_sides(branching, instruction->address,
                                  (struct side[2]){side, {instruction->address, 0}}, error))
            return false;
        taken.count = count_add(taken.count, side.count);
    }
    struct side other = {instruction->address + instruction->size,
                         executed > taken.count ? executed - taken.count : 0};
    return is_jump ||
           add_sides(branching, instruction->address, (struct side[2]){taken, other}, error);
}

static bool add_code(void *context, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct branching *branching = context;
    struct instruction instruction;
    while (count > 0 && start < end && decoder_decode(branching->decoder, start, &instruction)) {
        if (!add_instruction(branching, &instruction, count, error))
            return false;
        start += instruction.size;
    }
    return true;
}

bool position_branches_build(struct position_branches *branches, struct position_stacks *stacks,
                             const struct positions *positions, struct source_lines *lines,
                             const struct ranges_and_branches *counts, const struct binary *binary,
                             struct error *error)
{
    struct branching *branching = calloc(1, sizeof(*branching));
    if (!branching)
        return memory_exhausted(error);
    branching->result = branches;
    branching->stacks = stacks;
    branching->positions = positions;
    branching->counts = counts;
    branching->decoder = decoder_of(binary, error);
    bool done =
        branching->decoder && counted_code_visit(lines, counts, binary, add_code, branching, error);
    free(branching);
    return done;
}

void position_branches_free(struct position_branches *branches)
{
    free(branches->items);
    free(branches->first);
    *branches = (struct position_branches){0};
}

const struct position_branch *position_branches_first(const struct position_branches *branches,
                                                      uint32_t position)
{
    uint32_t first = position < branches->first_size ? branches->first[position] : POSITION_NONE;
    return first != POSITION_NONE ? &branches->items[first] : NULL;
}

const struct position_branch *position_branches_next(const struct position_branches *branches,
                                                     const struct position_branch *branch)
{
    return branch->next != POSITION_NONE ? &branches->items[branch->next] : NULL;
}
