#include "analyzer/model/samples/counted_probes.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"

/* GUIDs of functions with code of their own that ran. */
struct ran {
    uint64_t *guids; /* sorted, once all are there */
    size_t count, capacity;
};

static bool has_ran(const struct ran *ran, uint64_t guid)
{
    return ran->count > 0 &&
           bsearch(&guid, ran->guids, ran->count, sizeof(guid), compare_u64) != NULL;
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
                     const struct ranges_and_branches *counts, const uint64_t *addresses,
                     size_t address_count, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < address_count; i++)
        done = add_ran(ran, lines, addresses[i], error);
    for (size_t i = 0; done && i < counts->range_count; i++)
        done = add_ran(ran, lines, counts->ranges[i].from, error);
    for (size_t i = 0; done && i < counts->branch_count; i++)
        done = add_ran(ran, lines, counts->branches[i].from, error) &&
               add_ran(ran, lines, counts->branches[i].to, error);
    if (done && ran->count > 0)
        qsort(ran->guids, ran->count, sizeof(*ran->guids), compare_u64);
    return done;
}

/*
 * Code that was inlined can lose the call that it came through; its probes then
 * look like those of a function of its own.  They count where that function ran
 * for itself too.
 */
static bool is_function(const struct counted_probes *copies, const struct ran *ran,
                        const struct probe_copy *copy)
{
    uint64_t address;
    if (!copy->function)
        return false;
    if (has_ran(ran, copy->function->guid))
        return true;
    /* The debug information may know it by another of its symbols. */
    if (!pseudo_probes_symbol(copies->probes, copy->function->guid, &address))
        return false;
    const struct source_range *range = source_range_at(copies->lines, address);
    return range && has_ran(ran, md5_guid(range->function, strlen(range->function)));
}

bool counted_probes_open(struct counted_probes *copies, const struct source_lines *lines,
                         const struct ranges_and_branches *counts, const uint64_t *addresses,
                         size_t address_count, const struct binary *binary, struct error *error)
{
    struct ran ran = {0};
    *copies = (struct counted_probes){.lines = lines, .probes = pseudo_probes_open(binary, error)};
    size_t count = copies->probes ? pseudo_probes_copy_count(copies->probes) : 0;
    bool done = copies->probes && find_ran(&ran, lines, counts, addresses, address_count, error);
    copies->is_counted = done ? calloc(count + 1, sizeof(bool)) : NULL;
    if (done && !copies->is_counted)
        memory_exhausted(error);
    for (size_t i = 0; copies->is_counted && i < count; i++) {
        const struct probe_copy *copy = pseudo_probes_copy(copies->probes, (uint32_t)i);
        copies->is_counted[i] = copy->caller == PROBE_NO_COPY ? is_function(copies, &ran, copy)
                                                              : copies->is_counted[copy->caller];
    }
    free(ran.guids);
    return copies->is_counted != NULL;
}

void counted_probes_close(struct counted_probes *copies)
{
    free(copies->is_counted);
    pseudo_probes_free(copies->probes);
}

/* What was inlined at a probe that is not known (number 0) has lost its callers. */
bool counted_probes_is_inlined(const struct counted_probes *copies, const struct probe_copy *copy)
{
    return copy->caller != PROBE_NO_COPY && copy->call != 0 &&
           pseudo_probes_copy(copies->probes, copy->caller)->function;
}

const struct pseudo_probe *counted_probes_call(const struct counted_probes *copies,
                                               uint64_t address)
{
    size_t count;
    const struct pseudo_probe *probes =
        pseudo_probes_between(copies->probes, address, address + 1, &count);
    for (size_t i = 0; i < count; i++) {
        if (probes[i].is_call && copies->is_counted[probes[i].copy])
            return &probes[i];
    }
    return NULL;
}

bool counted_probes_callee(const struct counted_probes *copies, struct sample_profile *samples,
                           uint64_t target, const char **name, struct error *error)
{
    const struct source_range *range = source_range_at(copies->lines, target);
    size_t count = 0;
    *name = NULL;
    if (!range || range->start != target || !range->is_entry)
        return true;
    const struct pseudo_probe *probes =
        pseudo_probes_between(copies->probes, range->start, range->end, &count);
    for (size_t i = 0; i < count; i++) {
        const struct probe_copy *copy = pseudo_probes_copy(copies->probes, probes[i].copy);
        if (!copies->is_counted[probes[i].copy])
            continue;
        while (copy->caller != PROBE_NO_COPY)
            copy = pseudo_probes_copy(copies->probes, copy->caller);
        *name =
            sample_profile_name(samples, copy->function->name, copy->function->name_size, error);
        return *name != NULL;
    }
    *name = sample_profile_plain_name(samples, range->function, error);
    return *name != NULL;
}
