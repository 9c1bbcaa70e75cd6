#include "analyzer/model/symbols/symbol_build.h"

#include <assert.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/counts/edges.h"

static struct symbol_place place_of(const struct function *function, uint64_t offset)
{
    if (!function)
        return (struct symbol_place){SYMBOL_UNKNOWN, SYMBOL_UNKNOWN_NAME, 0};
    return (struct symbol_place){SYMBOL_FUNCTION, function->bolt_name, offset};
}

static bool add_edges(struct symbol_profile *symbols, const struct edges *edges,
                      struct error *error)
{
    for (size_t i = 0; i < edges->count; i++) {
        const struct edge *edge = &edges->items[i];
        struct symbol_record record = {.event = SYMBOL_EVENT_BRANCH,
                                       .from = place_of(edge->from, edge->from_offset),
                                       .to = place_of(edge->to, edge->to_offset),
                                       .count = edge->count};
        /* A branch to the next instruction is the same edge as falling through to it. */
        if (i + 1 < edges->count && edge[1].from == edge->from &&
            edge[1].from_offset == edge->from_offset && edge[1].to == edge->to &&
            edge[1].to_offset == edge->to_offset) {
            record.count = count_add(record.count, edge[1].count);
            i++;
        }
        if (!symbol_profile_add(symbols, &record, error))
            return false;
    }
    return true;
}

/* Runs that begin at one sampled address are next to each other in a normalised profile. */
static bool add_samples(struct symbol_profile *symbols, const struct profile *profile,
                        uint32_t module, const struct binary *binary, struct error *error)
{
    symbols->is_sampled = true;
    symbols->events = memory_copy_text("cpu-clock", error);
    if (!symbols->events)
        return false;
    for (size_t i = 0; i < profile->trace_count;) {
        struct location at = profile->traces[i].to;
        uint64_t count = 0;
        for (; i < profile->trace_count && profile->traces[i].to.module == at.module &&
               profile->traces[i].to.address == at.address;
             i++)
            count = count_add(count, profile->traces[i].count);
        const struct function *function =
            at.module == module ? binary_function_at(binary, at.address) : NULL;
        if (!function)
            continue;
        struct symbol_record record = {.event = SYMBOL_EVENT_SAMPLE,
                                       .from = place_of(function, at.address - function->address),
                                       .count = count};
        if (!symbol_profile_add(symbols, &record, error))
            return false;
    }
    return true;
}

bool symbol_profile_build(struct symbol_profile *symbols, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct binaries *binaries,
                          enum inference_wanted infer, struct error *error)
{
    assert(profile->is_normalised);
    struct edges edges;
    *symbols = (struct symbol_profile){0};
    bool has_branches = profile_has_branches(profile, module) && infer != INFERENCE_ON;
    if (!has_branches && infer == INFERENCE_OFF)
        return add_samples(symbols, profile, module, binary, error);
    if (!(has_branches ? edges_build(&edges, profile, module, binary, binaries, error)
                       : inference_build(&edges, profile, module, binary, error)))
        return false;
    bool done = add_edges(symbols, &edges, error);
    edges_free(&edges);
    return done;
}
