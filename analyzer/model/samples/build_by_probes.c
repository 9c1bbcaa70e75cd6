#include "analyzer/model/samples/build_by_probes.h"

#include "analyzer/base/count.h"
#include "analyzer/model/samples/counted_code.h"
#include "analyzer/model/samples/counted_probes.h"

#define ENTRY 1 /* the number of a function's first probe */

struct probes_count {
    struct sample_profile *samples;
    struct counted_probes copies;
};

/*
 * The function of a copy, below all that it is inlined into, with `count` added
 * to their totals; NULL with ERROR_MEMORY.
 */
static struct sample_function *find_leaf(struct probes_count *counting, uint32_t number,
                                         uint64_t count, struct error *error)
{
    const struct probe_copy *copy = pseudo_probes_copy(counting->copies.probes, number);
    struct sample_function *parent = &counting->samples->top;
    struct sample_place call = {0, 0};
    if (counted_probes_is_inlined(&counting->copies, copy)) {
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

static bool add_probe(struct probes_count *counting, const struct pseudo_probe *probe,
                      uint64_t count, struct error *error)
{
    struct sample_place place = {probe->number, probe->discriminator};
    struct sample_function *leaf = find_leaf(counting, probe->copy, count, error);
    struct sample_record *record = leaf ? sample_function_record(leaf, place, error) : NULL;
    if (!record)
        return false;
    record->count = count_add(record->count, count);
    if (probe->number == ENTRY &&
        !counted_probes_is_inlined(&counting->copies,
                                   pseudo_probes_copy(counting->copies.probes, probe->copy)))
        leaf->head = count_add(leaf->head, count);
    return true;
}

/* A probe counts what all copies of its code are counted, where lines count the largest. */
static bool add_code(void *context, uint64_t start, uint64_t end, uint64_t count,
                     struct error *error)
{
    struct probes_count *counting = context;
    size_t probe_count;
    const struct pseudo_probe *probes =
        pseudo_probes_between(counting->copies.probes, start, end, &probe_count);
    for (size_t i = 0; i < probe_count; i++) {
        if (counting->copies.is_counted[probes[i].copy] &&
            !add_probe(counting, &probes[i], count, error))
            return false;
    }
    return true;
}

static bool add_call(struct probes_count *counting, const struct counted_pair *branch,
                     struct error *error)
{
    const struct pseudo_probe *call = counted_probes_call(&counting->copies, branch->from);
    const char *name = NULL;
    if (!call)
        return true;
    if (!counted_probes_callee(&counting->copies, counting->samples, branch->to, &name, error))
        return false;
    if (!name)
        return true;
    struct sample_function *leaf = find_leaf(counting, call->copy, 0, error);
    struct sample_record *record =
        leaf ? sample_function_record(leaf, (struct sample_place){call->number, 0}, error) : NULL;
    return record && sample_record_add_target(record, name, branch->count, error);
}

bool build_by_probes(struct sample_profile *samples, const struct source_lines *lines,
                     const struct ranges_and_branches *counts, const struct binary *binary,
                     struct error *error)
{
    struct probes_count counting = {.samples = samples};
    bool done = counted_probes_open(&counting.copies, lines, counts, NULL, 0, binary, error) &&
                counted_code_visit(lines, counts, binary, add_code, &counting, error);
    for (size_t i = 0; done && i < counts->branch_count; i++)
        done = add_call(&counting, &counts->branches[i], error);
    counted_probes_close(&counting.copies);
    return done;
}
