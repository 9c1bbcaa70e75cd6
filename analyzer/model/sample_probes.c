#include <stdlib.h>
#include <string.h>

#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/probes.h"
#include "analyzer/model/sample_parts.h"

#define ENTRY 1 /* the number of a function's first probe */

struct probes_count {
    struct sample_profile *samples;
    const struct source_lines *lines;
    struct probes *probes;
    bool *is_counted; /* by number of a copy */
};

/* --- which copies are counted ------------------------------------------------------------ */

/* GUIDs of functions with code of their own that ran. */
struct ran {
    uint64_t *guids; /* sorted, once all are there */
    size_t count, capacity;
};

static int compare_guids(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool has_ran(const struct ran *ran, uint64_t guid)
{
    return ran->count > 0 &&
           bsearch(&guid, ran->guids, ran->count, sizeof(guid), compare_guids) != NULL;
}

static bool add_ran(struct ran *ran, const struct source_lines *lines, uint64_t address,
                    struct error *error)
{
    const struct source_range *range = source_range_at(lines, address);
    uint64_t guid = range ? md5_guid(range->function, strlen(range->function)) : 0;
    if (!range || (ran->count > 0 && ran->guids[ran->count - 1] == guid))
        return true;
    if (!memory_reserve(&ran->guids, &ran->capacity, ran->count + 1, sizeof(guid), error))
        return false;
    ran->guids[ran->count++] = guid;
    return true;
}

static bool find_ran(struct ran *ran, const struct source_lines *lines,
                     const struct transfers *transfers, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < transfers->range_count; i++)
        done = add_ran(ran, lines, transfers->ranges[i].from, error);
    for (size_t i = 0; done && i < transfers->branch_count; i++)
        done = add_ran(ran, lines, transfers->branches[i].from, error) &&
               add_ran(ran, lines, transfers->branches[i].to, error);
    if (done && ran->count > 0)
        qsort(ran->guids, ran->count, sizeof(*ran->guids), compare_guids);
    return done;
}

/*
 * Code that was inlined can lose the call that it came through; its probes then
 * look like those of a function of its own.  They count where that function ran
 * for itself too.
 */
static bool is_function(const struct probes_count *counting, const struct ran *ran,
                        const struct probe_copy *copy)
{
    uint64_t address;
    if (!copy->function)
        return false;
    if (has_ran(ran, copy->function->guid))
        return true;
    /* The debug information may know it by another of its symbols. */
    if (!probes_symbol(counting->probes, copy->function->guid, &address))
        return false;
    const struct source_range *range = source_range_at(counting->lines, address);
    return range && has_ran(ran, md5_guid(range->function, strlen(range->function)));
}

static bool choose_copies(struct probes_count *counting, const struct transfers *transfers,
                          struct error *error)
{
    size_t count = probes_copy_count(counting->probes);
    struct ran ran = {0};
    bool done = find_ran(&ran, counting->lines, transfers, error);
    bool *is_counted = done ? calloc(count + 1, sizeof(bool)) : NULL;
    if (done && !is_counted)
        memory_exhausted(error);
    for (size_t i = 0; is_counted && i < count; i++) {
        const struct probe_copy *copy = probes_copy(counting->probes, (uint32_t)i);
        is_counted[i] = copy->caller == PROBE_NO_COPY ? is_function(counting, &ran, copy)
                                                      : is_counted[copy->caller];
    }
    free(ran.guids);
    counting->is_counted = is_counted;
    return is_counted != NULL;
}

/* --- counts ------------------------------------------------------------------------------ */

/* What was inlined at a probe that is not known (number 0) has lost its callers. */
static bool is_inlined(const struct probes_count *counting, const struct probe_copy *copy)
{
    return copy->caller != PROBE_NO_COPY && copy->call != 0 &&
           probes_copy(counting->probes, copy->caller)->function;
}

/*
 * The function of a copy, below all that it is inlined into, with `count` added
 * to their totals; NULL with ERROR_MEMORY.
 */
static struct sample_function *find_leaf(struct probes_count *counting, uint32_t number,
                                         uint64_t count, struct error *error)
{
    const struct probe_copy *copy = probes_copy(counting->probes, number);
    struct sample_function *parent = &counting->samples->top;
    struct sample_place call = {0, 0};
    if (is_inlined(counting, copy)) {
        parent = find_leaf(counting, copy->caller, count, error);
        call.line_offset = copy->call;
    }
    const char *name = parent ? sample_profile_name(counting->samples, copy->function->name,
                                                    copy->function->name_size, error)
                              : NULL;
    struct sample_function *function =
        name ? sample_function_inlined(parent, call, name, error) : NULL;
    if (function) {
        function->total = count_add(function->total, count);
        function->checksum = copy->function->checksum;
    }
    return function;
}

static bool add_probe(struct probes_count *counting, const struct probe *probe, uint64_t count,
                      struct error *error)
{
    struct sample_place place = {probe->number, probe->discriminator};
    struct sample_function *leaf = find_leaf(counting, probe->copy, count, error);
    struct sample_record *record = leaf ? sample_function_record(leaf, place, error) : NULL;
    if (!record)
        return false;
    record->count = count_add(record->count, count);
    if (probe->number == ENTRY && !is_inlined(counting, probes_copy(counting->probes, probe->copy)))
        leaf->head = count_add(leaf->head, count);
    return true;
}

/* A probe counts what all copies of its code are counted, where lines count the largest. */
static bool add_code(void *context, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct probes_count *counting = context;
    size_t probe_count;
    const struct probe *probes = probes_between(counting->probes, start, end, &probe_count);
    for (size_t i = 0; i < probe_count; i++) {
        if (counting->is_counted[probes[i].copy] && !add_probe(counting, &probes[i], count, error))
            return false;
    }
    return true;
}

/* What probes call the function whose code the range is or, where it has none, other names. */
static const char *function_name(struct probes_count *counting, const struct source_range *range,
                                 struct error *error)
{
    size_t count;
    const struct probe *probes = probes_between(counting->probes, range->start, range->end, &count);
    for (size_t i = 0; i < count; i++) {
        const struct probe_copy *copy = probes_copy(counting->probes, probes[i].copy);
        if (!counting->is_counted[probes[i].copy])
            continue;
        while (copy->caller != PROBE_NO_COPY)
            copy = probes_copy(counting->probes, copy->caller);
        return sample_profile_name(counting->samples, copy->function->name,
                                   copy->function->name_size, error);
    }
    return sample_plain_name(counting->samples, range->function, error);
}

static const struct probe *call_at(const struct probes_count *counting, uint64_t address)
{
    size_t count;
    const struct probe *probes = probes_between(counting->probes, address, address + 1, &count);
    for (size_t i = 0; i < count; i++) {
        if (probes[i].is_call && counting->is_counted[probes[i].copy])
            return &probes[i];
    }
    return NULL;
}

static bool add_call(struct probes_count *counting, const struct transfer *branch,
                     struct error *error)
{
    const struct source_range *range = source_range_at(counting->lines, branch->to);
    const struct probe *call = call_at(counting, branch->from);
    if (!call || !range || range->start != branch->to || !range->is_entry)
        return true;
    const char *name = function_name(counting, range, error);
    struct sample_function *leaf = name ? find_leaf(counting, call->copy, 0, error) : NULL;
    struct sample_record *record =
        leaf ? sample_function_record(leaf, (struct sample_place){call->number, 0}, error) : NULL;
    return record && sample_record_add_target(record, name, branch->count, error);
}

bool sample_count_probes(struct sample_profile *samples, const struct source_lines *lines,
                         const struct transfers *transfers, const struct binary *binary,
                         struct error *error)
{
    struct probes_count counting = {samples, lines, probes_open(binary, error), NULL};
    bool done = counting.probes && choose_copies(&counting, transfers, error) &&
                sample_visit_code(lines, transfers, binary, add_code, &counting, error);
    for (size_t i = 0; done && i < transfers->branch_count; i++)
        done = add_call(&counting, &transfers->branches[i], error);
    free(counting.is_counted);
    probes_free(counting.probes);
    return done;
}
