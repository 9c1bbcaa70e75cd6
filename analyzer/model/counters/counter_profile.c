#include "analyzer/model/counters/counter_profile.h"
#include "analyzer/model/ir/ir_directory.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/binary/address_ranges.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "analyzer/model/counters/block_counts.h"
#include "analyzer/model/counters/position_branches.h"
#include "analyzer/model/counters/position_counts.h"
#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/model/debug/source_lines.h"

/*
 * Of functions whose hottest block ran less often nothing is said: counts that so few samples make
 * up can keep the compiler busy for ever (SQLite's parser, sampled once), and zeros make it take
 * for cold what runs.
 */
#define LEAST_IN_FUNCTION 10
/* LLVM reads no more values of a site. */
#define MOST_VALUES 24
/* Less than this of what ran, in functions that the dumps have: they are of something else. */
#define LEAST_KNOWN 0.02
/* Less of that, in functions with positions that the dumps have: another build's. */
#define LEAST_MAPPED 0.5

struct building {
    struct counter_profile *result;
    const struct binary *binary;
    struct ranges_and_branches counts;
    struct source_lines *lines;
    struct position_counts positions;
    struct position_branches branches;
    uint64_t *ran; /* by number of the function in the program */
    struct block_counts blocks;
    struct error *error;
};

/* --- samples by symbol -------------------------------------------------------------------------
 */

/* Adds what ran in a symbol to all functions that it may be. */
static bool add_ran(struct building *building, const struct function *function, uint64_t ran)
{
    struct ir_program *program = &building->result->program;
    size_t size = name_size_of_function(function->name, strlen(function->name));
    uint64_t hash = hash_bytes(function->name, size);
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number;
    bool found = false;
    while ((number = hash_index_next(&program->by_name, hash, &slot)) != HASH_INDEX_NONE) {
        const char *name = program->functions[number].name;
        if (strncmp(name, function->name, size) != 0 || name[size] != '\0')
            continue;
        building->ran[number] = count_add(building->ran[number], ran);
        found = true;
    }
    return found;
}

static void count_ran(struct building *building)
{
    struct counter_statistics *statistics = &building->result->statistics;
    for (size_t i = 0; i < building->counts.range_count; i++) {
        const struct counted_pair *range = &building->counts.ranges[i];
        const struct function *function = binary_function_at(building->binary, range->from);
        uint64_t ran = count_multiply(range->count, range->to - range->from + 1);
        statistics->ran = count_add(statistics->ran, ran);
        if (function && add_ran(building, function, ran))
            statistics->ran_in_dumps = count_add(statistics->ran_in_dumps, ran);
    }
}

/* --- value sites
 * ---------------------------------------------------------------------------------- */

/* The first indirect call from one on, or NULL. */
static const struct position_target *first_indirect(const struct building *building,
                                                    const struct position_target *target)
{
    while (target && !target->is_indirect)
        target = position_targets_next(&building->positions, target);
    return target;
}

/* What was called from the position, or from its inner part where that is not inlined there. */
static const struct position_target *targets_of(const struct building *building, uint32_t position)
{
    const struct positions *positions = &building->result->program.positions;
    for (; position != POSITION_NONE; position = positions->items[position].inner) {
        const struct position_target *target =
            first_indirect(building, position_targets_first(&building->positions, position));
        if (target)
            return target;
    }
    return NULL;
}

/*
 * Of a call that the release made one of with others: what these called together, in the innermost
 * function that has such calls.
 */
static const struct position_target *merged_targets_of(const struct building *building,
                                                       uint32_t position)
{
    const struct positions *positions = &building->result->program.positions;
    const struct position_target *innermost = NULL;
    for (; position != POSITION_NONE; position = positions->items[position].inner) {
        const struct position_target *target =
            first_indirect(building, position_targets_merged(&building->positions, positions,
                                                             positions->items[position].function));
        if (target)
            innermost = target;
    }
    return innermost;
}

static const char *profile_name(const struct building *building, const struct function *function)
{
    const struct ir_program *program = &building->result->program;
    size_t size = name_size_of_function(function->name, strlen(function->name));
    const char *name = names_find(&program->positions.names, function->name, size);
    const struct ir_function *known = name ? ir_program_find(program, name) : NULL;
    return known ? known->profile_name : NULL;
}

static int compare_values(const void *left, const void *right)
{
    const struct counter_value *a = left;
    const struct counter_value *b = right;
    return a->count != b->count ? COMPARE(b->count, a->count) : strcmp(a->target, b->target);
}

/* The executions of a site, shared out as the calls from its position were. */
static bool add_targets(struct building *building, uint32_t position, uint64_t executions,
                        struct counter_site *site)
{
    struct counter_profile *result = building->result;
    const struct position_target *first = targets_of(building, position);
    if (!first) {
        first = merged_targets_of(building, position);
        result->statistics.sites_with_merged += first != NULL;
    }
    uint64_t all = 0;
    for (const struct position_target *target = first; target;
         target = position_targets_next(&building->positions, target))
        all = count_add(all, target->is_indirect ? target->count : 0);
    for (const struct position_target *target = first; target;
         target = position_targets_next(&building->positions, target)) {
        struct counter_value value = {
            target->is_indirect ? profile_name(building, target->target) : NULL,
            (uint64_t)((double)executions * (double)target->count / (double)all + 0.5)};
        if (!value.target || value.count == 0)
            continue;
        if (!memory_reserve(&result->values, &result->value_capacity, result->value_count + 1,
                            sizeof(value), building->error))
            return false;
        result->values[result->value_count++] = value;
    }
    site->value_count = result->value_count - site->first_value;
    if (site->value_count > 0)
        qsort(&result->values[site->first_value], site->value_count, sizeof(*result->values),
              compare_values);
    if (site->value_count > MOST_VALUES)
        result->value_count = site->first_value + (site->value_count = MOST_VALUES);
    return true;
}

/* A site, and how often its block ran. */
struct placed_site {
    const struct ir_site *site;
    uint64_t executions;
};

static int compare_sites(const void *left, const void *right)
{
    const struct ir_site *a = ((const struct placed_site *)left)->site;
    const struct ir_site *b = ((const struct placed_site *)right)->site;
    return a->kind != b->kind ? COMPARE(a->kind, b->kind) : COMPARE(a->number, b->number);
}

static bool add_site(struct building *building, const struct placed_site *placed)
{
    struct counter_profile *result = building->result;
    struct counter_site site = {placed->site->kind, result->value_count, 0};
    uint64_t executions = placed->executions;
    if (site.kind == IR_SITE_TARGETS && executions > 0 &&
        !add_targets(building, placed->site->position, executions, &site))
        return false;
    if (!memory_reserve(&result->sites, &result->site_capacity, result->site_count + 1,
                        sizeof(site), building->error))
        return false;
    result->sites[result->site_count++] = site;
    result->statistics.sites += site.kind == IR_SITE_TARGETS && executions > 0;
    result->statistics.sites_with_targets += site.value_count > 0;
    return true;
}

/* LLVM numbers sites of one kind from 0 on; where numbers are missing, none is of use. */
static bool are_numbered(const struct placed_site *sites, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || sites[i].site->kind != sites[i - 1].site->kind;
        if (sites[i].site->number != (is_first ? 0 : sites[i - 1].site->number + 1))
            return false;
    }
    return true;
}

static bool add_sites(struct building *building, const struct ir_function *function,
                      struct counter_record *record)
{
    const struct ir_program *program = &building->result->program;
    const struct ir_block *blocks = &program->blocks[function->first_block];
    uint32_t first = blocks[0].first_site;
    size_t count = blocks[function->block_count].first_site - first;
    struct placed_site *sites = calloc(count + 1, sizeof(*sites));
    bool done = sites != NULL;
    if (!done)
        memory_exhausted(building->error);
    for (uint32_t i = 0; done && i < function->block_count; i++) {
        for (uint32_t k = blocks[i].first_site; k < blocks[i + 1].first_site; k++)
            sites[k - first] = (struct placed_site){
                &program->sites[k], building->blocks.counts[function->first_block + i]};
    }
    if (done && count > 0)
        qsort(sites, count, sizeof(*sites), compare_sites);
    record->first_site = building->result->site_count;
    if (done && !are_numbered(sites, count))
        count = 0;
    for (size_t i = 0; done && i < count; i++)
        done = add_site(building, &sites[i]);
    record->site_count = building->result->site_count - record->first_site;
    free(sites);
    return done;
}

/* --- counters
 * ------------------------------------------------------------------------------------- */

/* Counters of blocks; of a select, half of its block: which side it took is in no position. */
static bool add_counters(struct building *building, const struct ir_function *function,
                         struct counter_record *record)
{
    struct counter_profile *result = building->result;
    const struct ir_program *program = &result->program;
    const struct ir_block *blocks = &program->blocks[function->first_block];
    const uint64_t *counts = &building->blocks.counts[function->first_block];
    record->first_counter = result->counter_count;
    record->counter_count = function->counter_count;
    if (!memory_reserve(&result->counters, &result->counter_capacity,
                        result->counter_count + function->counter_count, sizeof(uint64_t),
                        building->error))
        return false;
    uint64_t *counters = &result->counters[result->counter_count];
    memset(counters, 0, function->counter_count * sizeof(*counters));
    result->counter_count += function->counter_count;
    for (uint32_t i = 0; i < function->block_count; i++) {
        for (uint32_t k = blocks[i].first_counter; k < blocks[i + 1].first_counter; k++) {
            const struct ir_counter *counter = &program->counters[k];
            counters[counter->number] = counts[i] / (counter->is_step ? 2 : 1);
        }
    }
    return true;
}

static bool add_record(struct building *building, const struct ir_function *function)
{
    struct counter_profile *result = building->result;
    struct counter_record record = {.name = function->profile_name, .hash = function->hash};
    if (!add_counters(building, function, &record) || !add_sites(building, function, &record) ||
        !memory_reserve(&result->records, &result->record_capacity, result->record_count + 1,
                        sizeof(record), building->error))
        return false;
    result->records[result->record_count++] = record;
    return true;
}

/* --- functions
 * -------------------------------------------------------------------------------------- */

static void tell_blocks(struct building *building, const struct ir_function *function)
{
    struct counter_statistics *statistics = &building->result->statistics;
    const struct block_weight *weights = &building->blocks.weights[function->first_block];
    statistics->counted++;
    for (uint32_t i = 0; i < function->block_count; i++)
        statistics->blocks[weights[i].source]++;
    block_flow_add_residual(weights, &building->blocks.counts[function->first_block],
                            function->block_count, &statistics->residual);
}

static bool write_function(struct building *building, uint32_t number)
{
    struct counter_statistics *statistics = &building->result->statistics;
    const struct ir_function *function = &building->result->program.functions[number];
    uint64_t most = block_counts_hottest(&building->blocks, function);
    statistics->functions++;
    if (building->blocks.states[number] == FUNCTION_UNMAPPED)
        return true; /* a wrong zero is worse than nothing: code that never runs, to the compiler */
    if (most > 0 && most < LEAST_IN_FUNCTION) {
        statistics->weak++;
        return true;
    }
    if (most == 0)
        statistics->without_counts++;
    else
        tell_blocks(building, function);
    return add_record(building, function);
}

/* Symbols do not tell static functions of one name apart: what ran was another's then. */
static bool has_mapped_namesake(const struct building *building, const struct ir_function *function)
{
    const struct ir_program *program = &building->result->program;
    uint64_t hash = hash_bytes(function->name, strlen(function->name));
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number;
    while ((number = hash_index_next(&program->by_name, hash, &slot)) != HASH_INDEX_NONE) {
        if (building->blocks.states[number] == FUNCTION_MAPPED &&
            strcmp(program->functions[number].name, function->name) == 0)
            return true;
    }
    return false;
}

static void count_unmapped(struct building *building)
{
    struct counter_statistics *statistics = &building->result->statistics;
    for (size_t i = 0; i < building->result->program.function_count; i++) {
        if (building->blocks.states[i] != FUNCTION_UNMAPPED)
            continue;
        statistics->unmapped++;
        if (!has_mapped_namesake(building, &building->result->program.functions[i]))
            statistics->ran_unmapped = count_add(statistics->ran_unmapped, building->ran[i]);
    }
}

static bool add_functions(struct building *building)
{
    size_t count = building->result->program.function_count;
    for (size_t i = 0; i < count; i++) {
        if (!write_function(building, (uint32_t)i))
            return false;
    }
    count_unmapped(building);
    return true;
}

/* --- all of it
 * ---------------------------------------------------------------------------------------- */

static bool open_lines(struct building *building)
{
    struct address_ranges touched = {0};
    const struct ranges_and_branches *counts = &building->counts;
    bool done = true;
    for (size_t i = 0; done && i < counts->range_count; i++)
        done = address_ranges_add(&touched, counts->ranges[i].from, counts->ranges[i].to + 1,
                                  building->error);
    for (size_t i = 0; done && i < counts->branch_count; i++)
        done = address_ranges_add(&touched, counts->branches[i].from, counts->branches[i].from + 1,
                                  building->error) &&
               address_ranges_add(&touched, counts->branches[i].to, counts->branches[i].to + 1,
                                  building->error);
    address_ranges_join(&touched);
    if (done)
        building->lines = source_lines_open(building->binary, false, &touched, building->error);
    if (building->lines)
        source_lines_keep_columns(building->lines);
    address_ranges_free(&touched);
    return building->lines != NULL;
}

/* Which ways the branches of all positions went. */
static bool find_branches(struct building *building)
{
    struct positions *positions = &building->result->program.positions;
    struct position_stacks *stacks = position_stacks_new(positions, &building->positions.contexts,
                                                         building->lines, building->error);
    bool done =
        stacks && position_branches_build(&building->branches, stacks, positions, building->lines,
                                          &building->counts, building->binary, building->error);
    position_stacks_free(stacks);
    return done;
}

static bool check_locations(const struct building *building, const char *directory)
{
    if (building->result->program.has_locations)
        return true;
    error_set(building->error, ERROR_OTHER_IR, directory,
              "it has no debug locations: compile with -g, as the release was");
    return false;
}

static bool check_known(const struct building *building, const char *directory)
{
    const struct counter_statistics *statistics = &building->result->statistics;
    if ((double)statistics->ran_in_dumps >= LEAST_KNOWN * (double)statistics->ran)
        return true;
    error_set(building->error, ERROR_OTHER_IR, directory,
              "of what ran in %s only %.1f%% is in functions that it has",
              binary_path(building->binary),
              100 * (double)statistics->ran_in_dumps / (double)statistics->ran);
    return false;
}

static bool check_mapped(const struct building *building, const char *directory)
{
    const struct counter_statistics *statistics = &building->result->statistics;
    double known = (double)statistics->ran_in_dumps;
    if (known - (double)statistics->ran_unmapped >= LEAST_MAPPED * known)
        return true;
    error_set(building->error, ERROR_OTHER_IR, directory,
              "%.0f%% of what ran in functions that both have is at source lines that only %s has: "
              "it is of another build",
              100 * (double)statistics->ran_unmapped / known, binary_path(building->binary));
    return false;
}

/* Of nothing but zeros a compiler would take all code for cold. */
static bool check_counted(const struct building *building)
{
    const struct counter_statistics *statistics = &building->result->statistics;
    if (statistics->counted > 0 || statistics->weak == 0)
        return true;
    error_set(building->error, ERROR_NO_SAMPLES, binary_path(building->binary),
              "or too few: none of %llu functions ran %d times in them",
              (unsigned long long)statistics->weak, LEAST_IN_FUNCTION);
    return false;
}

static bool build(struct building *building, const struct profile *profile, uint32_t module,
                  const char *directory)
{
    struct counter_profile *result = building->result;
    struct error *error = building->error;
    if (!ir_program_read_directory(&result->program, directory, error) ||
        !check_locations(building, directory) ||
        !ranges_and_branches_build(&building->counts, profile, module, building->binary, error) ||
        !open_lines(building) ||
        !position_counts_build(&building->positions, &result->program.positions, building->lines,
                               &building->counts, building->binary, error) ||
        !find_branches(building))
        return false;
    building->ran = calloc(result->program.function_count + 1, sizeof(*building->ran));
    if (!building->ran)
        return memory_exhausted(error);
    count_ran(building);
    return check_known(building, directory) &&
           block_counts_find(&building->blocks, &result->program, &building->positions,
                             &building->branches, building->ran, error) &&
           add_functions(building) && check_mapped(building, directory) && check_counted(building);
}

bool counter_profile_build(struct counter_profile *counters, const struct profile *profile,
                           uint32_t module, const struct binary *binary, const char *directory,
                           struct error *error)
{
    struct building building = {.result = counters, .binary = binary, .error = error};
    *counters = (struct counter_profile){0};
    bool done = build(&building, profile, module, directory);
    ranges_and_branches_free(&building.counts);
    source_lines_free(building.lines);
    position_counts_free(&building.positions);
    position_branches_free(&building.branches);
    block_counts_free(&building.blocks);
    free(building.ran);
    return done;
}

void counter_profile_free(struct counter_profile *counters)
{
    ir_program_free(&counters->program);
    free(counters->records);
    free(counters->counters);
    free(counters->sites);
    free(counters->values);
    *counters = (struct counter_profile){0};
}
