#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/sample_parts.h"

struct lines_count {
    struct sample_profile *samples;
    struct source_lines *lines;
};

/* --- discriminators ----------------------------------------------------------------- */

/*
 * A discriminator is made of numbers, each in as few bits as it needs: 1 is the
 * number 0; 0, five bits and 0 is a small number; 0, five bits, 1 and seven
 * bits a larger one.  First comes what tells places on one line apart, then how
 * many copies loop unrolling made of the code.
 */
static uint32_t base_discriminator(uint32_t discriminator)
{
    if (discriminator & 1)
        return 0;
    discriminator >>= 1;
    return discriminator & 0x20 ? ((discriminator >> 1) & 0xfe0) | (discriminator & 0x1f)
                                : discriminator & 0x1f;
}

static uint32_t copies(uint32_t discriminator)
{
    uint32_t rest =
        discriminator & 1 ? discriminator >> 1 : discriminator >> (discriminator & 0x40 ? 14 : 7);
    uint32_t number = base_discriminator(rest);
    return number ? number : 1;
}

/* --- counts --------------------------------------------------------------------------- */

/*
 * The innermost function at an address, with `weight` added to its total and to
 * those of all that it is inlined into, and the place in it.  *leaf is NULL where
 * nothing is known of the address.
 */
static bool find_leaf(struct lines_count *counting, uint64_t address, uint64_t weight,
                      struct sample_function **leaf, struct source_frame *frame,
                      struct error *error)
{
    const struct source_frame *frames;
    struct sample_place call = {0, 0};
    struct sample_profile *samples = counting->samples;
    struct sample_function *function = &samples->top;
    size_t count;
    *leaf = NULL;
    if (!source_frames_at(counting->lines, address, &frames, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = sample_plain_name(samples, frames[i].function, error);
        function = name ? sample_function_inlined(function, call, name, error) : NULL;
        if (!function)
            return false;
        function->total = count_add(function->total, weight);
        call = (struct sample_place){frames[i].line_offset,
                                     base_discriminator(frames[i].discriminator)};
    }
    if (count > 0) {
        *leaf = function;
        *frame = frames[count - 1];
    }
    return true;
}

/* A line counts as often as its most frequent instruction. */
static bool add_instruction(void *context, uint64_t address, unsigned size, uint64_t count,
                            struct error *error)
{
    struct lines_count *counting = context;
    struct sample_function *leaf;
    struct source_frame frame;
    if (!find_leaf(counting, address, count_multiply(count, size), &leaf, &frame, error))
        return false;
    if (!leaf)
        return true;
    struct sample_place place = {frame.line_offset, base_discriminator(frame.discriminator)};
    struct sample_record *record = sample_function_record(leaf, place, error);
    if (!record)
        return false;
    count = count_multiply(count, copies(frame.discriminator));
    if (record->count < count)
        record->count = count;
    return true;
}

/* Branches to the beginning of a function are calls of it, or as good as calls. */
static bool count_calls(struct lines_count *counting, const struct transfers *transfers,
                        struct error *error)
{
    struct sample_profile *samples = counting->samples;
    for (size_t i = 0; i < transfers->branch_count; i++) {
        const struct transfer *branch = &transfers->branches[i];
        const struct source_range *range = source_range_at(counting->lines, branch->to);
        struct sample_function *leaf;
        struct source_frame frame;
        if (!range || range->start != branch->to || !range->is_entry)
            continue;
        const char *name = sample_plain_name(samples, range->function, error);
        if (!name || !find_leaf(counting, branch->from, 0, &leaf, &frame, error))
            return false;
        if (leaf) {
            struct sample_place place = {frame.line_offset,
                                         base_discriminator(frame.discriminator)};
            struct sample_record *record = sample_function_record(leaf, place, error);
            if (!record || !sample_record_add_target(record, name, branch->count, error))
                return false;
        }
        struct sample_function *callee =
            sample_function_inlined(&samples->top, (struct sample_place){0, 0}, name, error);
        if (!callee)
            return false;
        callee->head = count_add(callee->head, branch->count);
    }
    return true;
}

bool sample_count_lines(struct sample_profile *samples, struct source_lines *lines,
                        const struct transfers *transfers, const struct binary *binary,
                        struct error *error)
{
    struct lines_count counting = {samples, lines};
    return sample_visit_code(lines, transfers, binary, add_instruction, &counting, error) &&
           count_calls(&counting, transfers, error);
}
