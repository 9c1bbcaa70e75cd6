#include "analyzer/model/sample_profile.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code.h"
#include "analyzer/model/source_lines.h"
#include "analyzer/model/transfers.h"

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

/* --- the tree ------------------------------------------------------------------------ */

static int compare_places(struct sample_place a, struct sample_place b)
{
    if (a.line_offset != b.line_offset)
        return a.line_offset < b.line_offset ? -1 : 1;
    return (a.discriminator > b.discriminator) - (a.discriminator < b.discriminator);
}

/* The function inlined into `parent` there, made where it is new; NULL with ERROR_MEMORY. */
static struct sample_function *find_inlined(struct sample_function *parent,
                                            struct sample_place call, const char *name,
                                            struct error *error)
{
    size_t low = 0;
    size_t high = parent->inlined_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sample_function *one = parent->inlined[middle];
        int order = compare_places(one->call, call);
        if (order == 0)
            order = strcmp(one->name, name);
        if (order == 0)
            return parent->inlined[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!memory_reserve(&parent->inlined, &parent->inlined_capacity, parent->inlined_count + 1,
                        sizeof(struct sample_function *), error))
        return NULL;
    struct sample_function *added = calloc(1, sizeof(*added));
    if (!added) {
        memory_exhausted(error);
        return NULL;
    }
    added->name = name;
    added->call = call;
    memmove((void *)(parent->inlined + low + 1), (void *)(parent->inlined + low),
            (parent->inlined_count - low) * sizeof(struct sample_function *));
    parent->inlined[low] = added;
    parent->inlined_count++;
    return added;
}

static struct sample_record *find_record(struct sample_function *function,
                                         struct sample_place place, struct error *error)
{
    size_t low = 0;
    size_t high = function->record_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_places(function->records[middle].place, place);
        if (order == 0)
            return &function->records[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!memory_reserve(&function->records, &function->record_capacity, function->record_count + 1,
                        sizeof(struct sample_record), error))
        return NULL;
    memmove(&function->records[low + 1], &function->records[low],
            (function->record_count - low) * sizeof(struct sample_record));
    function->record_count++;
    function->records[low] = (struct sample_record){.place = place};
    return &function->records[low];
}

static bool add_target(struct sample_record *record, const char *function, uint64_t count,
                       struct error *error)
{
    for (size_t i = 0; i < record->target_count; i++) {
        if (strcmp(record->targets[i].function, function) == 0) {
            record->targets[i].count = count_add(record->targets[i].count, count);
            return true;
        }
    }
    if (!memory_reserve(&record->targets, &record->target_capacity, record->target_count + 1,
                        sizeof(*record->targets), error))
        return false;
    record->targets[record->target_count++] = (struct sample_target){function, count};
    return true;
}

static void free_function(struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++)
        free(function->records[i].targets);
    for (size_t i = 0; i < function->inlined_count; i++) {
        free_function(function->inlined[i]);
        free(function->inlined[i]);
    }
    free(function->records);
    free((void *)function->inlined);
}

/* --- names --------------------------------------------------------------------------- */

/* Where a suffix begins that the compiler gave to a copy of the function, or NULL. */
static const char *copy_suffix(const char *name, size_t size, const char *suffix)
{
    size_t suffix_size = strlen(suffix);
    const char *dot = memrchr(name, '.', size);
    if (!dot || (size_t)(dot - name) + 1 < suffix_size)
        return NULL;
    const char *start = dot + 1 - suffix_size;
    return memcmp(start, suffix, suffix_size) == 0 ? start : NULL;
}

/* The name without what link-time optimisation and partial inlining add to it. */
static const char *plain_name(struct sample_profile *samples, const char *name, struct error *error)
{
    static const char *const suffixes[] = {".llvm.", ".part."};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        const char *suffix = copy_suffix(name, size, suffixes[i]);
        if (suffix)
            size = (size_t)(suffix - name);
    }
    if (name[size] == '\0')
        return name;
    for (size_t i = 0; i < samples->name_count; i++) {
        if (strlen(samples->names[i]) == size && memcmp(samples->names[i], name, size) == 0)
            return samples->names[i];
    }
    if (!memory_reserve(&samples->names, &samples->name_capacity, samples->name_count + 1,
                        sizeof(char *), error))
        return NULL;
    char *plain = strndup(name, size);
    if (!plain) {
        memory_exhausted(error);
        return NULL;
    }
    samples->names[samples->name_count++] = plain;
    return plain;
}

/* Initialisers have the same names in every source file and are not the same function. */
static bool is_ambiguous(const char *name)
{
    return strncmp(name, "__cxx_global_var_init", 21) == 0 || strncmp(name, "__tls_init", 10) == 0;
}

/* --- counts --------------------------------------------------------------------------- */

/*
 * The innermost function at an address, with `weight` added to its total and to
 * those of all that it is inlined into, and the place in it.  *leaf is NULL where
 * nothing is known of the address.
 */
static bool find_leaf(struct sample_profile *samples, uint64_t address, uint64_t weight,
                      struct sample_function **leaf, struct source_frame *frame,
                      struct error *error)
{
    const struct source_frame *frames;
    struct sample_place call = {0, 0};
    struct sample_function *function = &samples->top;
    size_t count;
    *leaf = NULL;
    if (!source_frames_at(samples->lines, address, &frames, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = plain_name(samples, frames[i].function, error);
        function = name ? find_inlined(function, call, name, error) : NULL;
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
static bool add_instruction(struct sample_profile *samples, uint64_t address, unsigned size,
                            uint64_t count, struct error *error)
{
    struct sample_function *leaf;
    struct source_frame frame;
    if (!find_leaf(samples, address, count_multiply(count, size), &leaf, &frame, error))
        return false;
    if (!leaf)
        return true;
    struct sample_place place = {frame.line_offset, base_discriminator(frame.discriminator)};
    struct sample_record *record = find_record(leaf, place, error);
    if (!record)
        return false;
    count = count_multiply(count, copies(frame.discriminator));
    if (record->count < count)
        record->count = count;
    return true;
}

/* Where runs begin and end: what is counted from an address on, until the next. */
struct step {
    uint64_t address;
    bool is_end;
    bool is_run;
    uint64_t count;
};

struct steps {
    struct step *items;
    size_t count, capacity;
};

static bool add_steps(struct steps *steps, uint64_t start, uint64_t end, bool is_run,
                      uint64_t count, struct error *error)
{
    if (!memory_reserve(&steps->items, &steps->capacity, steps->count + 2, sizeof(struct step),
                        error))
        return false;
    steps->items[steps->count++] = (struct step){start, false, is_run, count};
    steps->items[steps->count++] = (struct step){end, true, is_run, count};
    return true;
}

static int compare_steps(const void *left, const void *right)
{
    uint64_t a = ((const struct step *)left)->address;
    uint64_t b = ((const struct step *)right)->address;
    return a < b ? -1 : a > b;
}

/*
 * All code of a function that ran at all is counted, if only with 0: to the
 * compiler that is cold, and what is missing is not known.
 */
static bool collect_steps(struct steps *steps, const struct sample_profile *samples,
                          const struct transfers *transfers, struct error *error)
{
    size_t range_count;
    const struct source_range *ranges = source_ranges(samples->lines, &range_count);
    bool *touched = calloc(range_count + 1, sizeof(*touched));
    bool done = touched != NULL;
    if (!done)
        memory_exhausted(error);
    for (size_t i = 0; done && i < transfers->range_count; i++) {
        const struct transfer *run = &transfers->ranges[i];
        const struct source_range *range = source_range_at(samples->lines, run->from);
        done = add_steps(steps, run->from, run->to + 1, true, run->count, error);
        if (!range || touched[range - ranges])
            continue;
        const char *name = range->function;
        for (range = NULL; done && (range = source_range_of_name(samples->lines, name, range));) {
            touched[range - ranges] = true;
            done = add_steps(steps, range->start, range->end, false, 0, error);
        }
    }
    free(touched);
    if (done && steps->count > 0)
        qsort(steps->items, steps->count, sizeof(struct step), compare_steps);
    return done;
}

/* Every instruction of the stretches that steps are in, with what it was counted. */
static bool count_instructions(struct sample_profile *samples, const struct steps *steps,
                               struct code *code, struct error *error)
{
    size_t range_count;
    const struct source_range *ranges = source_ranges(samples->lines, &range_count);
    uint64_t address = 0;
    unsigned __int128 count = 0; /* any sum of counts */
    size_t covering = 0;
    size_t next = 0;
    for (size_t i = 0; i < range_count; i++) {
        if (address < ranges[i].start)
            address = ranges[i].start;
        while (address < ranges[i].end) {
            struct instruction instruction;
            for (; next < steps->count && steps->items[next].address <= address; next++) {
                const struct step *step = &steps->items[next];
                covering = step->is_end ? covering - 1 : covering + 1;
                count = step->is_end ? count - step->count : count + step->count;
            }
            if (covering == 0 &&
                (next == steps->count || steps->items[next].address >= ranges[i].end))
                break;
            if (!code_decode(code, address, &instruction)) {
                address++;
                continue;
            }
            if (covering > 0 &&
                !add_instruction(samples, address, instruction.size,
                                 count > UINT64_MAX ? UINT64_MAX : (uint64_t)count, error))
                return false;
            address += instruction.size;
        }
    }
    return true;
}

static bool count_runs(struct sample_profile *samples, const struct transfers *transfers,
                       const struct binary *binary, struct error *error)
{
    struct steps steps = {0};
    struct code *code = code_new(binary, error);
    bool done = code && collect_steps(&steps, samples, transfers, error) &&
                count_instructions(samples, &steps, code, error);
    code_free(code);
    free(steps.items);
    return done;
}

/* Branches to the beginning of a function are calls of it, or as good as calls. */
static bool count_calls(struct sample_profile *samples, const struct transfers *transfers,
                        struct error *error)
{
    for (size_t i = 0; i < transfers->branch_count; i++) {
        const struct transfer *branch = &transfers->branches[i];
        const struct source_range *range = source_range_at(samples->lines, branch->to);
        struct sample_function *leaf;
        struct source_frame frame;
        if (!range || range->start != branch->to || !range->is_entry)
            continue;
        const char *name = plain_name(samples, range->function, error);
        if (!name || !find_leaf(samples, branch->from, 0, &leaf, &frame, error))
            return false;
        if (leaf) {
            struct sample_place place = {frame.line_offset,
                                         base_discriminator(frame.discriminator)};
            struct sample_record *record = find_record(leaf, place, error);
            if (!record || !add_target(record, name, branch->count, error))
                return false;
        }
        struct sample_function *callee =
            find_inlined(&samples->top, (struct sample_place){0, 0}, name, error);
        if (!callee)
            return false;
        callee->head = count_add(callee->head, branch->count);
    }
    return true;
}

/* --- the finished profile -------------------------------------------------------------- */

static int compare_targets(const void *left, const void *right)
{
    const struct sample_target *a = left;
    const struct sample_target *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->function, b->function);
}

static int compare_totals(const void *left, const void *right)
{
    const struct sample_function *a = *(struct sample_function *const *)left;
    const struct sample_function *b = *(struct sample_function *const *)right;
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void finish_function(struct sample_function *function, bool is_top)
{
    size_t kept = 0;
    for (size_t i = 0; i < function->record_count; i++) {
        struct sample_record *record = &function->records[i];
        uint64_t called = 0;
        for (size_t k = 0; k < record->target_count; k++)
            called = count_add(called, record->targets[k].count);
        if (is_top && record->count < called)
            record->count = called;
        if (record->target_count > 1)
            qsort(record->targets, record->target_count, sizeof(*record->targets), compare_targets);
    }
    for (size_t i = 0; i < function->inlined_count; i++) {
        struct sample_function *inlined = function->inlined[i];
        if (is_ambiguous(inlined->name)) {
            free_function(inlined);
            free(inlined);
            continue;
        }
        finish_function(inlined, false);
        function->inlined[kept++] = inlined;
    }
    function->inlined_count = kept;
}

static bool finish(struct sample_profile *samples, const struct binary *binary, struct error *error)
{
    struct sample_function *top = &samples->top;
    size_t kept = 0;
    for (size_t i = 0; i < top->inlined_count; i++) {
        struct sample_function *function = top->inlined[i];
        if (is_ambiguous(function->name)) {
            free_function(function);
            free(function);
            continue;
        }
        finish_function(function, true);
        top->inlined[kept++] = function;
    }
    top->inlined_count = kept;
    if (kept == 0) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "none for the code that ran");
        return false;
    }
    qsort((void *)top->inlined, kept, sizeof(struct sample_function *), compare_totals);
    return true;
}

bool sample_profile_build(struct sample_profile *samples, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error)
{
    struct transfers transfers;
    *samples = (struct sample_profile){.lines = source_lines_open(binary, error)};
    if (!samples->lines)
        return false;
    bool done = transfers_build(&transfers, profile, module, binary, error) &&
                count_runs(samples, &transfers, binary, error) &&
                count_calls(samples, &transfers, error) && finish(samples, binary, error);
    transfers_free(&transfers);
    return done;
}

void sample_profile_free(struct sample_profile *samples)
{
    free_function(&samples->top);
    for (size_t i = 0; i < samples->name_count; i++)
        free(samples->names[i]);
    free((void *)samples->names);
    source_lines_free(samples->lines);
    *samples = (struct sample_profile){0};
}
