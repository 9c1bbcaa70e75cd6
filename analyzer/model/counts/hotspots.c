#include "analyzer/model/counts/hotspots.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counts/edges.h"

struct search {
    struct hotspots *hotspots;
    const struct profile *profile;
    struct binaries *binaries;
    uint32_t module; /* the only one to look at, or PROFILE_MODULE_NONE */
    struct error *error;
};

static bool is_wanted(const struct search *search, uint32_t module)
{
    return search->module == PROFILE_MODULE_NONE || search->module == module;
}

static const struct function *function_at(const struct search *search, struct location location)
{
    const struct binary *binary = binaries_get(search->binaries, location.module);
    return binary ? binary_function_at(binary, location.address) : NULL;
}

/* --- functions ------------------------------------------------------------------- */

static int compare_by_function(const void *left, const void *right)
{
    const struct hot_function *a = left;
    const struct hot_function *b = right;
    int order = COMPARE(a->module, b->module);
    return order ? order : COMPARE((uintptr_t)a->function, (uintptr_t)b->function);
}

static int compare_by_samples(const void *left, const void *right)
{
    const struct hot_function *a = left;
    const struct hot_function *b = right;
    int order = COMPARE(b->samples, a->samples);
    return order ? order : compare_by_function(left, right);
}

static bool find_functions(struct search *search)
{
    struct hotspots *hotspots = search->hotspots;
    size_t kept = 0;
    for (size_t i = 0; i < search->profile->trace_count; i++) {
        const struct trace *trace = &search->profile->traces[i];
        if (trace->from.module != PROFILE_MODULE_NONE || !is_wanted(search, trace->to.module))
            continue;
        struct hot_function found = {trace->to.module, function_at(search, trace->to),
                                     trace->count};
        hotspots->samples = count_add(hotspots->samples, trace->count);
        if (trace->to.module == PROFILE_MODULE_OUTSIDE)
            hotspots->samples_outside = count_add(hotspots->samples_outside, trace->count);
        else if (!found.function)
            hotspots->samples_unnamed = count_add(hotspots->samples_unnamed, trace->count);
        if (!memory_reserve(&hotspots->functions, &hotspots->function_capacity,
                            hotspots->function_count + 1, sizeof(found), search->error))
            return false;
        hotspots->functions[hotspots->function_count++] = found;
    }
    if (hotspots->function_count == 0)
        return true;
    qsort(hotspots->functions, hotspots->function_count, sizeof(*hotspots->functions),
          compare_by_function);
    for (size_t i = 0; i < hotspots->function_count; i++) {
        struct hot_function *last = kept > 0 ? &hotspots->functions[kept - 1] : NULL;
        if (last && compare_by_function(last, &hotspots->functions[i]) == 0)
            last->samples = count_add(last->samples, hotspots->functions[i].samples);
        else
            hotspots->functions[kept++] = hotspots->functions[i];
    }
    hotspots->function_count = kept;
    qsort(hotspots->functions, kept, sizeof(*hotspots->functions), compare_by_samples);
    return true;
}

/* --- call sites --------------------------------------------------------------------- */

static int compare_locations(const struct location *a, const struct location *b)
{
    int order = COMPARE(a->module, b->module);
    return order ? order : COMPARE(a->address, b->address);
}

static int compare_targets(const void *left, const void *right)
{
    const struct call_target *a = left;
    const struct call_target *b = right;
    int order = COMPARE(b->count, a->count);
    return order ? order : compare_locations(&a->location, &b->location);
}

static int compare_call_sites(const void *left, const void *right)
{
    const struct call_site *a = left;
    const struct call_site *b = right;
    int order = COMPARE(b->count, a->count);
    return order ? order : compare_locations(&a->location, &b->location);
}

/* Traces are in order of from and to: those of one site, and of one target, are neighbours. */
static bool add_call(struct search *search, const struct trace *trace)
{
    struct hotspots *hotspots = search->hotspots;
    struct call_site *site =
        hotspots->call_site_count > 0 ? &hotspots->call_sites[hotspots->call_site_count - 1] : NULL;
    if (!site || compare_locations(&site->location, &trace->from) != 0) {
        if (!memory_reserve(&hotspots->call_sites, &hotspots->call_site_capacity,
                            hotspots->call_site_count + 1, sizeof(*site), search->error))
            return false;
        site = &hotspots->call_sites[hotspots->call_site_count++];
        *site = (struct call_site){trace->from, 0, hotspots->target_count, 0};
    }
    struct call_target *target =
        site->target_count > 0 ? &hotspots->targets[hotspots->target_count - 1] : NULL;
    if (!target || compare_locations(&target->location, &trace->to) != 0) {
        if (!memory_reserve(&hotspots->targets, &hotspots->target_capacity,
                            hotspots->target_count + 1, sizeof(*target), search->error))
            return false;
        target = &hotspots->targets[hotspots->target_count++];
        *target = (struct call_target){trace->to, 0};
        site->target_count++;
    }
    target->count = count_add(target->count, trace->count);
    site->count = count_add(site->count, trace->count);
    return true;
}

static bool find_calls(struct search *search, struct decoder *decoder, uint32_t module)
{
    for (size_t i = 0; i < search->profile->trace_count; i++) {
        const struct trace *trace = &search->profile->traces[i];
        struct instruction instruction;
        if (trace->from.module == module &&
            decoder_decode(decoder, trace->from.address, &instruction) &&
            instruction.kind == INSTRUCTION_CALL && !add_call(search, trace))
            return false;
    }
    return true;
}

/* --- conditional branches ---------------------------------------------------------------- */

static int compare_branches(const void *left, const void *right)
{
    const struct hot_branch *a = left;
    const struct hot_branch *b = right;
    int order = COMPARE(count_add(b->taken, b->not_taken), count_add(a->taken, a->not_taken));
    return order ? order : compare_locations(&a->location, &b->location);
}

/* Edges are in order of from: those of one branch are neighbours. */
static bool add_branch(struct search *search, uint32_t module, const struct edge *edge)
{
    struct hotspots *hotspots = search->hotspots;
    struct location location = {module, edge->from->address + edge->from_offset};
    struct hot_branch *branch =
        hotspots->branch_count > 0 ? &hotspots->branches[hotspots->branch_count - 1] : NULL;
    if (!branch || compare_locations(&branch->location, &location) != 0) {
        if (!memory_reserve(&hotspots->branches, &hotspots->branch_capacity,
                            hotspots->branch_count + 1, sizeof(*branch), search->error))
            return false;
        branch = &hotspots->branches[hotspots->branch_count++];
        *branch = (struct hot_branch){location, 0, 0};
    }
    uint64_t *count = edge->is_fall_through ? &branch->not_taken : &branch->taken;
    *count = count_add(*count, edge->count);
    return true;
}

/*
 * `after_branch` is where the instruction after the last conditional branch is.
 * A jump there, in the branch's block, is how often it was not taken.
 */
static bool look_at_edge(struct search *search, struct decoder *decoder, uint32_t module,
                         const struct edge *edge, uint64_t *after_branch)
{
    struct hotspots *hotspots = search->hotspots;
    struct instruction instruction;
    uint64_t address;
    if (!edge->from)
        return true;
    address = edge->from->address + edge->from_offset;
    if (!decoder_decode(decoder, address, &instruction))
        return true;
    if (instruction.kind == INSTRUCTION_CONDITIONAL) {
        *after_branch = address + instruction.size;
        return add_branch(search, module, edge);
    }
    if (instruction.kind == INSTRUCTION_JUMP && address == *after_branch &&
        hotspots->branch_count > 0) {
        struct hot_branch *branch = &hotspots->branches[hotspots->branch_count - 1];
        if (branch->not_taken == 0)
            branch->not_taken = edge->count;
    }
    return true;
}

static bool find_branches(struct search *search, struct decoder *decoder, uint32_t module,
                          const struct binary *binary)
{
    struct edges edges;
    bool done = true;
    uint64_t after_branch = 0;
    if (!edges_build(&edges, search->profile, module, binary, search->binaries, NULL,
                     search->error))
        return false;
    for (size_t i = 0; done && i < edges.count; i++)
        done = look_at_edge(search, decoder, module, &edges.items[i], &after_branch);
    edges_free(&edges);
    return done;
}

static bool look_at_module(struct search *search, uint32_t module)
{
    const struct binary *binary;
    struct decoder *decoder;
    if (!is_wanted(search, module) || !profile_has_branches(search->profile, module) ||
        !(binary = binaries_get(search->binaries, module)))
        return true;
    decoder = decoder_of(binary, search->error);
    return decoder && find_calls(search, decoder, module) &&
           find_branches(search, decoder, module, binary);
}

bool hotspots_find(struct hotspots *hotspots, const struct profile *profile,
                   struct binaries *binaries, uint32_t module, struct error *error)
{
    assert(profile->is_normalised);
    struct search search = {hotspots, profile, binaries, module, error};
    *hotspots = (struct hotspots){0};
    bool done = find_functions(&search);
    for (size_t i = 0; done && i < profile->module_count; i++)
        done = look_at_module(&search, (uint32_t)i);
    if (!done) {
        hotspots_free(hotspots);
        return false;
    }
    for (size_t i = 0; i < hotspots->call_site_count; i++)
        qsort(&hotspots->targets[hotspots->call_sites[i].first_target],
              hotspots->call_sites[i].target_count, sizeof(*hotspots->targets), compare_targets);
    if (hotspots->call_site_count > 0)
        qsort(hotspots->call_sites, hotspots->call_site_count, sizeof(*hotspots->call_sites),
              compare_call_sites);
    if (hotspots->branch_count > 0)
        qsort(hotspots->branches, hotspots->branch_count, sizeof(*hotspots->branches),
              compare_branches);
    return true;
}

void hotspots_free(struct hotspots *hotspots)
{
    free(hotspots->functions);
    free(hotspots->call_sites);
    free(hotspots->targets);
    free(hotspots->branches);
    *hotspots = (struct hotspots){0};
}
