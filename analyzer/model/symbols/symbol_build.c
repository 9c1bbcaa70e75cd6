#include "analyzer/model/symbols/symbol_build.h"

#include <assert.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/binary/bolt_translation.h"
#include "analyzer/model/counts/edges.h"
#include "analyzer/model/counts/translated_edges.h"

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
                        uint32_t module, const struct binary *binary,
                        const struct bolt_translation *translation, struct error *error)
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
        uint64_t offset = translated_offset(binary, translation, &function,
                                            at.address - function->address, false);
        struct symbol_record record = {
            .event = SYMBOL_EVENT_SAMPLE, .from = place_of(function, offset), .count = count};
        if (!symbol_profile_add(symbols, &record, error))
            return false;
    }
    return true;
}

/* Those of one kind: branches where any are known in the binary, samples else. */
static void account_traces(struct symbol_accounts *accounts, const struct profile *profile,
                           uint32_t module, const struct binary *binary, bool are_branches)
{
    accounts->are_branches = are_branches;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool is_branch = trace->from.module != PROFILE_MODULE_NONE;
        bool is_run = trace->has_range && trace->to.module == module;
        if (are_branches && !is_branch && !is_run)
            accounts->unused = count_add(accounts->unused, trace->count);
        if (are_branches != is_branch)
            continue;
        if (trace->from.module != module && trace->to.module != module)
            accounts->elsewhere = count_add(accounts->elsewhere, trace->count);
        else if (!are_branches && !binary_function_at(binary, trace->to.address))
            accounts->outside = count_add(accounts->outside, trace->count);
        else
            accounts->kept = count_add(accounts->kept, trace->count);
    }
}

/* Not all branches become edges. */
static void account_edges(struct symbol_accounts *accounts, const struct edges *edges)
{
    accounts->returns = edges->returns;
    accounts->outside = edges->branches_outside;
    accounts->kept -= edges->returns + edges->branches_outside;
    accounts->runs = edges->runs;
    accounts->runs_impossible = edges->ranges_mismatching;
    accounts->runs_outside = edges->ranges_out_of_code;
}

/* Edges that were inferred in rewritten code, by block. */
static void translate_edges(struct edges *edges, const struct binary *binary,
                            const struct bolt_translation *translation)
{
    for (size_t i = 0; i < edges->count; i++)
        translated_edge(&edges->items[i], binary, translation);
    edges_sort(edges);
}

static bool build(struct symbol_profile *symbols, const struct profile *profile, uint32_t module,
                  const struct binary *binary, struct binaries *binaries,
                  enum inference_wanted infer, const struct bolt_translation *translation,
                  struct error *error)
{
    struct edges edges;
    bool has_branches = profile_has_branches(profile, module) && infer != INFERENCE_ON;
    bool done;
    account_traces(&symbols->accounts, profile, module, binary, has_branches);
    if (!has_branches && infer == INFERENCE_OFF)
        return add_samples(symbols, profile, module, binary, translation, error);
    if (!has_branches)
        done = inference_build(&edges, profile, module, binary, error);
    else
        done = edges_build(&edges, profile, module, binary, binaries,
                           symbols->is_bolted ? translation : NULL, error);
    if (!done)
        return false;
    if (!has_branches && symbols->is_bolted)
        translate_edges(&edges, binary, translation);
    done = add_edges(symbols, &edges, error);
    if (has_branches)
        account_edges(&symbols->accounts, &edges);
    edges_free(&edges);
    return done;
}

bool symbol_profile_build(struct symbol_profile *symbols, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct binaries *binaries,
                          enum inference_wanted infer, struct error *error)
{
    assert(profile->is_normalised);
    struct bolt_translation translation;
    *symbols = (struct symbol_profile){.is_bolted = binary_has_translation(binary)};
    bool done = bolt_translation_read(&translation, binary, error) &&
                build(symbols, profile, module, binary, binaries, infer, &translation, error);
    bolt_translation_free(&translation);
    return done;
}
