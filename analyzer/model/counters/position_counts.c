#include "analyzer/model/counters/position_counts.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counters/position_stacks.h"
#include "analyzer/model/samples/counted_code.h"

struct counting {
    struct position_counts *result;
    struct positions *positions;
    struct source_lines *lines;
    struct decoder *decoder;
    const struct binary *binary;
    struct position_stacks *stacks;
};

/* --- lists by number ---------------------------------------------------------------------- */

/* Makes room for item `number` of a list of numbers that begin as POSITION_NONE. */
static bool make_room(uint32_t **list, size_t *size, size_t *capacity, uint32_t number,
                      struct error *error)
{
    if (!memory_reserve(list, capacity, (size_t)number + 1, sizeof(**list), error))
        return false;
    while (*size <= number)
        (*list)[(*size)++] = POSITION_NONE;
    return true;
}

static struct position_function_counts *function_of(struct position_counts *result,
                                                    uint32_t function, struct error *error)
{
    if (!memory_reserve(&result->functions, &result->function_capacity, (size_t)function + 1,
                        sizeof(*result->functions), error))
        return NULL;
    while (result->function_size <= function)
        result->functions[result->function_size++] = (struct position_function_counts){0};
    return &result->functions[function];
}

static bool add_entries(struct position_counts *result, uint32_t function, uint64_t count,
                        struct error *error)
{
    if (!memory_reserve(&result->binary_entries, &result->binary_entry_capacity,
                        (size_t)function + 1, sizeof(uint64_t), error))
        return false;
    while (result->binary_entry_size <= function)
        result->binary_entries[result->binary_entry_size++] = 0;
    result->binary_entries[function] = count_add(result->binary_entries[function], count);
    return true;
}

/* --- counts ----------------------------------------------------------------------------------- */

static bool raise_count(struct counting *counting, const struct position_stack *stack, size_t depth,
                        uint64_t count, struct error *error)
{
    struct position_counts *result = counting->result;
    uint32_t position = stack->items[depth].position;
    uint32_t context = stack->items[depth].context;
    if (!make_room(&result->first_counts, &result->first_count_size, &result->first_count_capacity,
                   position, error))
        return false;
    for (uint32_t i = result->first_counts[position]; i != POSITION_NONE;
         i = result->counts[i].next) {
        if (result->counts[i].context == context) {
            if (result->counts[i].count < count)
                result->counts[i].count = count;
            return true;
        }
    }
    if (!memory_reserve(&result->counts, &result->capacity, result->count + 1,
                        sizeof(*result->counts), error))
        return false;
    bool is_outermost = depth + 1 == stack->depth;
    result->counts[result->count] = (struct position_count){context, stack->function, is_outermost,
                                                            count, result->first_counts[position]};
    result->first_counts[position] = (uint32_t)result->count++;
    struct position_function_counts *function =
        function_of(result, counting->positions->items[position].function, error);
    if (!function)
        return false;
    function->has_code = true;
    function->is_inlined |= !is_outermost;
    return true;
}

static bool add_code(void *context, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct counting *counting = context;
    while (start < end) {
        const struct position_stack *stack = position_stack_at(counting->stacks, start, error);
        if (!stack)
            return false;
        uint64_t weight = count_multiply(count, stack->copies);
        for (size_t i = 0; i < stack->depth; i++) {
            if (!raise_count(counting, stack, i, weight, error))
                return false;
        }
        start = stack->end < end ? stack->end : end;
    }
    return true;
}

/* --- calls ---------------------------------------------------------------------------------------
 */

static bool add_target(struct counting *counting, uint32_t position, struct position_target target,
                       struct error *error)
{
    struct position_counts *result = counting->result;
    if (!make_room(&result->first_targets, &result->first_target_size,
                   &result->first_target_capacity, position, error))
        return false;
    for (uint32_t i = result->first_targets[position]; i != POSITION_NONE;
         i = result->targets[i].next) {
        struct position_target *known = &result->targets[i];
        if (known->target == target.target && known->is_indirect == target.is_indirect) {
            known->count = count_add(known->count, target.count);
            return true;
        }
    }
    if (!memory_reserve(&result->targets, &result->target_capacity, result->target_count + 1,
                        sizeof(target), error))
        return false;
    target.next = result->first_targets[position];
    result->targets[result->target_count] = target;
    result->first_targets[position] = (uint32_t)result->target_count++;
    return true;
}

/* Also of functions that nothing else is known of. */
static bool count_entry(struct counting *counting, uint64_t address, uint64_t count,
                        uint32_t *number, struct error *error)
{
    const struct source_range *range = source_range_at(counting->lines, address);
    const struct source_frame *frames;
    struct position_function_counts *known;
    size_t depth;
    uint64_t until;
    uint32_t function;
    *number = SOURCE_NO_FUNCTION;
    if (!range || range->function_number == SOURCE_NO_FUNCTION || range->start != address)
        return true;
    if (!source_frames_at(counting->lines, address, &frames, &depth, &until, error))
        return false;
    if (depth == 0)
        return true;
    *number = range->function_number;
    if (!position_function_of(counting->positions, &frames[0], &function, error) ||
        !(known = function_of(counting->result, function, error)))
        return false;
    known->entries = count_add(known->entries, count);
    return add_entries(counting->result, *number, count, error);
}

/* Of code that stands for several places, compilers keep the function alone. */
static struct position merged_position(uint32_t function)
{
    return (struct position){.inner = POSITION_NONE, .function = function};
}

static bool add_merged_target(struct counting *counting, uint64_t address,
                              struct position_target call, struct error *error)
{
    const struct source_frame *frames;
    size_t count;
    uint64_t until;
    uint32_t function, position;
    if (!source_frames_at(counting->lines, address, &frames, &count, &until, error))
        return false;
    if (count == 0 || frames[count - 1].line != 0)
        return true;
    return position_function_of(counting->positions, &frames[count - 1], &function, error) &&
           positions_add(counting->positions, merged_position(function), &position, error) &&
           add_target(counting, position, call, error);
}

static bool count_call(struct counting *counting, const struct counted_pair *branch,
                       struct error *error)
{
    struct instruction instruction;
    const struct function *from = binary_function_at(counting->binary, branch->from);
    struct position_target call = {.target = binary_function_at(counting->binary, branch->to),
                                   .count = branch->count};
    if (!call.target || call.target->address != branch->to || branch->count == 0)
        return true;
    if (!count_entry(counting, branch->to, branch->count, &call.function, error))
        return false;
    if (!from || !decoder_decode(counting->decoder, branch->from, &instruction) ||
        (instruction.kind != INSTRUCTION_CALL &&
         (instruction.kind != INSTRUCTION_JUMP || from == call.target)))
        return true;
    call.is_indirect = instruction.is_indirect;
    const struct position_stack *stack = position_stack_at(counting->stacks, branch->from, error);
    if (!stack)
        return false;
    if (stack->depth == 0)
        return add_merged_target(counting, branch->from, call, error);
    for (size_t i = 0; i < stack->depth; i++) {
        if (!add_target(counting, stack->items[i].position, call, error))
            return false;
    }
    return true;
}

bool position_counts_build(struct position_counts *result, struct positions *positions,
                           struct source_lines *lines, const struct ranges_and_branches *counts,
                           const struct binary *binary, struct error *error)
{
    struct counting counting = {
        .result = result,
        .positions = positions,
        .lines = lines,
        .decoder = decoder_of(binary, error),
        .binary = binary,
        .stacks = position_stacks_new(positions, &result->contexts, lines, error),
    };
    bool done = counting.decoder && counting.stacks &&
                counted_code_visit(lines, counts, binary, add_code, &counting, error);
    for (size_t i = 0; done && i < counts->branch_count; i++)
        done = count_call(&counting, &counts->branches[i], error);
    position_stacks_free(counting.stacks);
    return done;
}

/* --- answers
 * ---------------------------------------------------------------------------------------- */

const struct position_count *position_counts_first(const struct position_counts *counts,
                                                   uint32_t position)
{
    uint32_t first =
        position < counts->first_count_size ? counts->first_counts[position] : POSITION_NONE;
    return first != POSITION_NONE ? &counts->counts[first] : NULL;
}

const struct position_count *position_counts_next(const struct position_counts *counts,
                                                  const struct position_count *count)
{
    return count->next != POSITION_NONE ? &counts->counts[count->next] : NULL;
}

const struct position_target *position_targets_first(const struct position_counts *counts,
                                                     uint32_t position)
{
    uint32_t first =
        position < counts->first_target_size ? counts->first_targets[position] : POSITION_NONE;
    return first != POSITION_NONE ? &counts->targets[first] : NULL;
}

const struct position_target *position_targets_next(const struct position_counts *counts,
                                                    const struct position_target *target)
{
    return target->next != POSITION_NONE ? &counts->targets[target->next] : NULL;
}

const struct position_target *position_targets_merged(const struct position_counts *counts,
                                                      const struct positions *positions,
                                                      uint32_t function)
{
    uint32_t position = positions_find(positions, merged_position(function));
    return position != POSITION_NONE ? position_targets_first(counts, position) : NULL;
}

struct position_function_counts position_counts_of_function(const struct position_counts *counts,
                                                            uint32_t function)
{
    return function < counts->function_size ? counts->functions[function]
                                            : (struct position_function_counts){0};
}

void position_counts_free(struct position_counts *counts)
{
    positions_free(&counts->contexts);
    free(counts->counts);
    free(counts->first_counts);
    free(counts->targets);
    free(counts->first_targets);
    free(counts->functions);
    free(counts->binary_entries);
    *counts = (struct position_counts){0};
}
