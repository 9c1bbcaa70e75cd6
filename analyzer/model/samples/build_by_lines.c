#include "analyzer/model/samples/build_by_lines.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/discriminator.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "analyzer/model/samples/counted_code.h"

/* More than compilers inline into each other; what is deeper counts for what it is in. */
#define DEEPEST 512

/* One of the functions that an instruction was in. */
struct line_function {
    const char *name; /* in the debug information */
    struct sample_place call;
    struct sample_function *function;
};

/* Those of the last instruction: the next one mostly is in the same, or in some of them. */
struct last_leaf {
    uint64_t start, end; /* where that holds; nowhere at first */
    const struct source_range *range;
    struct line_function functions[DEEPEST]; /* outermost first */
    size_t count;
    struct source_frame frame; /* of the innermost */
};

struct lines_count {
    struct sample_profile *samples;
    struct source_lines *lines;
    const struct binary *binary;
    enum sample_rules rules;
    struct last_leaf last;
};

/* --- discriminators ----------------------------------------------------------------- */

/* GCC's are plain numbers, and those that LLVM's later passes added to are taken whole. */
static bool is_made_of_numbers(const struct lines_count *counting)
{
    return counting->rules == SAMPLE_RULES_LLVM && !counting->samples->has_fs_discriminators;
}

static struct sample_place place_of(const struct lines_count *counting,
                                    const struct source_frame *frame)
{
    return (struct sample_place){frame->line_offset, is_made_of_numbers(counting)
                                                         ? discriminator_base(frame->discriminator)
                                                         : frame->discriminator};
}

/* --- names --------------------------------------------------------------------------- */

/*
 * To g++'s debug information all variants of a constructor or destructor are one
 * that is in no object file (C4, D4); the compiler looks for C2 and D2.  The
 * endings are those that google/autofdo's profile_writer.cc knows.
 */
static const char *variant_name(struct sample_profile *samples, const char *name,
                                struct error *error)
{
    static const char *const endings[] = {"C4Ev", "D4Ev", "C4EPKc", "C4EPKcRKS2_"};
    size_t size = strlen(name);
    char *copy;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        size_t ending = strlen(endings[i]);
        if (size <= ending || strcmp(name + size - ending, endings[i]) != 0)
            continue;
        copy = memory_copy_text(name, error);
        if (!copy)
            return NULL;
        copy[size - ending + 1] = '2';
        name = sample_profile_name(samples, copy, size, error);
        free(copy);
        return name;
    }
    return sample_profile_name(samples, name, size, error);
}

static const char *inlined_name(const struct lines_count *counting, const char *name,
                                struct error *error)
{
    return counting->rules == SAMPLE_RULES_GCC
               ? variant_name(counting->samples, name, error)
               : sample_profile_plain_name(counting->samples, name, error);
}

/*
 * GCC looks for functions by their symbols, and its debug information has no
 * linkage names of those in anonymous namespaces.
 */
static const char *function_name(const struct lines_count *counting,
                                 const struct source_range *range, struct error *error)
{
    const struct function *function = binary_function_at(counting->binary, range->start);
    if (counting->rules == SAMPLE_RULES_LLVM || !function || function->address != range->start)
        return inlined_name(counting, range->function, error);
    return sample_profile_name(counting->samples, function->name,
                               name_size_of_function(function->name, strlen(function->name)),
                               error);
}

/* --- counts --------------------------------------------------------------------------- */

/* The function of the outermost frame, which begins where `range` does. */
static struct sample_function *find_outermost(struct lines_count *counting,
                                              const struct source_range *range, struct error *error)
{
    const char *name = function_name(counting, range, error);
    return name ? sample_function_inlined(&counting->samples->top, (struct sample_place){0, 0},
                                          name, error)
                : NULL;
}

static struct sample_function *find_inlined(struct lines_count *counting,
                                            struct sample_function *caller,
                                            struct sample_place call,
                                            const struct source_frame *frame, struct error *error)
{
    const char *name = inlined_name(counting, frame->function, error);
    return name ? sample_function_inlined(caller, call, name, error) : NULL;
}

/* Fills counting->last in; what it has in common with the last one need not be looked up. */
static bool look_up(struct lines_count *counting, uint64_t address, struct error *error)
{
    struct last_leaf *last = &counting->last;
    const struct source_range *range = source_range_at(counting->lines, address);
    const struct source_frame *frames;
    bool is_same = range && range == last->range;
    struct sample_place call = {0, 0};
    size_t count;
    last->start = address;
    if (!source_frames_at(counting->lines, address, &frames, &count, &last->end, error))
        return false;
    if (count > DEEPEST)
        count = DEEPEST;
    for (size_t i = 0; i < count; i++) {
        struct line_function *known = &last->functions[i];
        is_same = is_same && i < last->count && known->name == frames[i].function &&
                  sample_place_compare(known->call, call) == 0;
        if (!is_same) {
            *known = (struct line_function){frames[i].function, call, NULL};
            known->function = i == 0 ? find_outermost(counting, range, error)
                                     : find_inlined(counting, last->functions[i - 1].function, call,
                                                    &frames[i], error);
        }
        if (!known->function) {
            last->count = 0;
            return false;
        }
        call = place_of(counting, &frames[i]);
    }
    last->range = range;
    last->count = count;
    if (count > 0)
        last->frame = frames[count - 1];
    return true;
}

/* Makes counting->last that of the address. */
static bool find_line(struct lines_count *counting, uint64_t address, struct error *error)
{
    const struct last_leaf *last = &counting->last;
    return (address >= last->start && address < last->end) || look_up(counting, address, error);
}

/*
 * The innermost function at an address, with `weight` added to its total and to
 * those of all that it is inlined into, and the place in it.  *leaf is NULL where
 * nothing is known of the address.
 */
static bool find_leaf(struct lines_count *counting, uint64_t address, uint64_t weight,
                      struct sample_function **leaf, struct source_frame *frame,
                      struct error *error)
{
    struct last_leaf *last = &counting->last;
    *leaf = NULL;
    if (!find_line(counting, address, error))
        return false;
    for (size_t i = 0; i < last->count; i++) {
        *leaf = last->functions[i].function;
        (*leaf)->total = count_add((*leaf)->total, weight);
    }
    *frame = last->frame;
    return true;
}

/* A line counts as often as its most frequent instruction. */
static bool add_line(struct lines_count *counting, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct sample_function *leaf;
    struct source_frame frame;
    if (!find_leaf(counting, start, count_multiply(count, end - start), &leaf, &frame, error))
        return false;
    if (!leaf)
        return true;
    struct sample_record *record = sample_function_record(leaf, place_of(counting, &frame), error);
    if (!record)
        return false;
    if (is_made_of_numbers(counting))
        count = count_multiply(count, discriminator_copies(frame.discriminator));
    if (record->count < count)
        record->count = count;
    return true;
}

static bool add_code(void *context, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct lines_count *counting = context;
    while (start < end) {
        if (!find_line(counting, start, error))
            return false;
        uint64_t until = counting->last.end < end ? counting->last.end : end;
        if (!add_line(counting, start, until, count, error))
            return false;
        start = until;
    }
    return true;
}

/* Branches to the beginning of a function are calls of it, or as good as calls. */
static bool count_calls(struct lines_count *counting, const struct ranges_and_branches *counts,
                        struct error *error)
{
    for (size_t i = 0; i < counts->branch_count; i++) {
        const struct counted_pair *branch = &counts->branches[i];
        const struct source_range *range = source_range_at(counting->lines, branch->to);
        struct sample_function *leaf;
        struct source_frame frame;
        if (!range || range->start != branch->to || !range->is_entry)
            continue;
        const char *name = function_name(counting, range, error);
        if (!name || !find_leaf(counting, branch->from, 0, &leaf, &frame, error))
            return false;
        if (leaf) {
            struct sample_record *record =
                sample_function_record(leaf, place_of(counting, &frame), error);
            if (!record || !sample_record_add_target(record, name, branch->count, error))
                return false;
        }
        struct sample_function *callee = sample_function_inlined(
            &counting->samples->top, (struct sample_place){0, 0}, name, error);
        if (!callee)
            return false;
        callee->head = count_add(callee->head, branch->count);
    }
    return true;
}

bool build_by_lines(struct sample_profile *samples, struct source_lines *lines,
                    const struct ranges_and_branches *counts, const struct binary *binary,
                    enum sample_rules rules, struct error *error)
{
    struct lines_count counting = {
        .samples = samples, .lines = lines, .binary = binary, .rules = rules};
    return counted_code_visit(lines, counts, binary, add_code, &counting, error) &&
           count_calls(&counting, counts, error);
}
