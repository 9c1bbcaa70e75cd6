#include "analyzer/model/counts/inference.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/code/control_flow_graph.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counts/network_simplex.h"
#include "analyzer/model/profile/normalise.h"

/* What solving one function's network may take; a function of 50,000 blocks needs less. */
#define WORK 2000000000
/* More samples in one block than this say nothing more. */
#define MOST_SAMPLES 1000000000

/* The cost of being off by a factor of e, of a block whose count is 1 and whose variance is 1. */
#define COST_UNIT 1e10
/* So that sums of costs stay in 62 bits in any function that there is. */
#define MOST_COST 1e12
/*
 * How far time misleads: the variance of the logarithm of time per instruction, in
 * a block of one instruction; longer blocks even it out.  Fitted by likelihood to
 * callgrind's counts of SQLite (4.5), Lua (13.5), a C++ program (9) and bzip2 (8.5).
 */
#define TIME_VARIANCE 8.0
/* What is added to a Poisson count before its logarithm is taken (Jeffreys' prior). */
#define UNSEEN 0.5
/* Below this share of what was sampled it is not told apart how far a count is off. */
#define LEAST_SHARE 0.0067
/* The costs of large counts are adapted this often at most. */
#define ROUNDS 6
/* Unlikely ways, a unit of -log(probability); ways into blocks that nothing leads to. */
#define UNLIKELY 0.03
#define NEVER 3.0
#define WAY_IN_UNKNOWN 3.0
/* The least probability that edges are told apart by. */
#define LEAST_PROBABILITY 0.01

struct sample {
    uint64_t address;
    uint64_t count;
};

/* A function and how often it was entered. */
struct function_entry {
    uint64_t address;
    uint64_t count;
};

/* Where the counts go: edges, or runs and branches of a profile; the other is NULL. */
struct inference_builder {
    struct edges *edges;
    struct profile *runs;
    uint32_t module;
    struct function_entry *entries; /* by address; of runs alone */
    size_t entry_count, entry_capacity;
    const struct binary *binary;
    struct decoder *decoder;
    struct sample *samples; /* by address */
    size_t sample_count, sample_capacity;
    struct error *error;
};

/* One function's. */
struct problem {
    struct inference_builder *builder;
    const struct function *function;
    struct control_flow_graph graph;
    uint64_t *samples; /* by block */
    double *expected;  /* by block: the count that costs are made for */
    int64_t *counts;   /* by block: the answer */
    struct network network;
    size_t *edge_arcs; /* by edge of the graph */
    size_t entry_arc;
};

bool inference_parse(const char *text, enum inference_wanted *wanted)
{
    static const char *const names[] = {"auto", "on", "off"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *wanted = (enum inference_wanted)i;
            return true;
        }
    }
    return false;
}

/* Samples without a branch are next to each other in a normalised profile, by address. */
static bool collect_samples(struct inference_builder *builder, const struct profile *profile,
                            uint32_t module)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        struct sample *last =
            builder->sample_count > 0 ? &builder->samples[builder->sample_count - 1] : NULL;
        if (trace->from.module != PROFILE_MODULE_NONE || trace->to.module != module)
            continue;
        if (last && last->address == trace->to.address) {
            last->count = count_add(last->count, trace->count);
            continue;
        }
        if (!memory_reserve(&builder->samples, &builder->sample_capacity, builder->sample_count + 1,
                            sizeof(*builder->samples), builder->error))
            return false;
        builder->samples[builder->sample_count++] =
            (struct sample){trace->to.address, trace->count};
    }
    return true;
}

/* --- the network ------------------------------------------------------------------- */

static double instructions_in(const struct control_flow_graph *graph, size_t block)
{
    return graph->instructions[block] > 0 ? graph->instructions[block] : 1;
}

/* The count that a block's own samples speak for. */
static double sampled_count(const struct problem *problem, size_t block)
{
    return ((double)problem->samples[block] + UNSEEN) / instructions_in(&problem->graph, block) *
           INFERENCE_SCALE;
}

/* Before anything is solved: what the block's samples speak for, or those before or after it. */
static void expect_as_sampled(struct problem *problem)
{
    const struct control_flow_graph *graph = &problem->graph;
    for (size_t i = 0; i < graph->blocks.count; i++)
        problem->expected[i] = sampled_count(problem, i);
    for (size_t i = 0; i < graph->edge_count; i++) {
        uint32_t from = graph->edges[i].from;
        uint32_t to = graph->edges[i].to;
        if (to >= FLOW_UNKNOWN)
            continue;
        problem->expected[to] = fmax(problem->expected[to], sampled_count(problem, from));
        problem->expected[from] = fmax(problem->expected[from], sampled_count(problem, to));
    }
}

/* Whether the answer has other counts than those that costs were made for. */
static bool expect_as_answered(struct problem *problem)
{
    bool changed = false;
    for (size_t i = 0; i < problem->graph.blocks.count; i++) {
        double count = fmax((double)problem->counts[i], sampled_count(problem, i));
        changed = changed || count != problem->expected[i];
        problem->expected[i] = count;
    }
    return changed;
}

static bool add_arc(struct problem *problem, uint32_t from, uint32_t to, int64_t capacity,
                    double cost)
{
    /* Nothing is free, so that nothing goes round without need. */
    int64_t whole = (int64_t)fmax(fmin(cost, MOST_COST), -MOST_COST) + (cost < 0 ? -1 : 1);
    return network_add(&problem->network, from, to, capacity, whole, problem->builder->error);
}

/* The cost of a count that is `share` times what was sampled, where the variance is 1. */
static double square_of_log(double share)
{
    double error = log(fmax(share, LEAST_SHARE));
    return error * error;
}

/*
 * A block is an arc from its beginning to its end.  A count f instead of the
 * sampled w costs the square of log(f / w) by its variance, as if time per
 * instruction were lognormal: chance of so few samples, and time that misleads.
 * That is convex below e * w, and there goes in straight pieces.  Above it is the
 * tangent at the expected count, which is never below it: solving with costs for
 * the last answer makes the true cost less each time (Hunter and Lange, "A
 * tutorial on MM algorithms", The American Statistician 58, 2004).
 */
static bool add_block(struct problem *problem, uint32_t block)
{
    static const double ends[] = {0, 1 / 64., 1 / 16., 1 / 8., 1 / 4., 1 / 2., 1, 1.6};
    const size_t pieces = sizeof(ends) / sizeof(*ends) - 1;
    double instructions = instructions_in(&problem->graph, block);
    double samples = (double)problem->samples[block];
    double variance = 1 / (samples + UNSEEN) + TIME_VARIANCE / instructions;
    double count = floor(sampled_count(problem, block)) + 1;
    double far = fmax(problem->expected[block] / count, exp(1));
    double beyond = 2 * log(far) / far;
    double unit = COST_UNIT / variance / count;
    uint32_t in = 2 * block;
    for (size_t i = 0; i < pieces; i++) {
        double slope =
            (square_of_log(ends[i + 1]) - square_of_log(ends[i])) / (ends[i + 1] - ends[i]);
        /* What has no samples may well have no executions. */
        if (slope < 0 && samples == 0)
            slope = 0;
        if (!add_arc(problem, in, in + 1,
                     (int64_t)(ends[i + 1] * count) - (int64_t)(ends[i] * count),
                     fmin(slope, beyond) * unit))
            return false;
    }
    return add_arc(problem, in, in + 1, NETWORK_UNLIMITED, beyond * unit);
}

static bool add_edges(struct problem *problem, uint32_t outside, uint8_t *has_way_in)
{
    const struct control_flow_graph *graph = &problem->graph;
    for (size_t i = 0; i < graph->edge_count; i++) {
        const struct flow_edge *edge = &graph->edges[i];
        double unlikely = edge->probability < LEAST_PROBABILITY
                              ? NEVER
                              : -log((double)edge->probability) * UNLIKELY;
        uint32_t to = 2 * edge->to;
        if (edge->to < FLOW_UNKNOWN)
            has_way_in[edge->to] = 1;
        else
            to = edge->to == FLOW_OUTSIDE ? outside : outside + 1;
        problem->edge_arcs[i] = problem->network.arc_count;
        if (!add_arc(problem, 2 * edge->from + 1, to, NETWORK_UNLIMITED,
                     COST_UNIT * unlikely / problem->expected[edge->from]))
            return false;
    }
    return true;
}

/* `has_way_in`, of each block, begins as zeros: whether an edge leads there. */
static bool add_arcs(struct problem *problem, uint32_t outside, uint32_t unknown,
                     uint8_t *has_way_in)
{
    uint32_t count = (uint32_t)problem->graph.blocks.count;

    for (uint32_t i = 0; i < count; i++)
        if (!add_block(problem, i))
            return false;
    if (!add_edges(problem, outside, has_way_in))
        return false;
    problem->entry_arc = problem->network.arc_count;
    if (!add_arc(problem, outside, 0, NETWORK_UNLIMITED, 0) ||
        !add_arc(problem, unknown, outside, NETWORK_UNLIMITED, 0))
        return false;
    for (uint32_t i = 1; i < count; i++) {
        double cost = COST_UNIT * WAY_IN_UNKNOWN / problem->expected[i];
        if (!has_way_in[i] && (!add_arc(problem, outside, 2 * i, NETWORK_UNLIMITED, cost) ||
                               !add_arc(problem, unknown, 2 * i, NETWORK_UNLIMITED, 0)))
            return false;
    }
    return true;
}

/*
 * Nodes: each block's beginning and end, all code outside the function, and
 * where jumps lead that no table tells: into blocks that nothing else leads to.
 * Landing pads are come to from outside.
 */
static bool build_network(struct problem *problem)
{
    uint32_t count = (uint32_t)problem->graph.blocks.count;
    uint32_t outside = 2 * count;
    uint32_t unknown = outside + 1;
    uint8_t *has_way_in = calloc((size_t)count + 1, 1);
    if (!has_way_in)
        return memory_exhausted(problem->builder->error);
    problem->network = (struct network){.node_count = unknown + 1};
    bool done = add_arcs(problem, outside, unknown, has_way_in);
    free(has_way_in);
    return done;
}

static void count_blocks(struct problem *problem)
{
    const struct control_flow_graph *graph = &problem->graph;
    memset(problem->counts, 0, graph->blocks.count * sizeof(*problem->counts));
    for (size_t i = 0; i < graph->edge_count; i++)
        problem->counts[graph->edges[i].from] += problem->network.arcs[problem->edge_arcs[i]].flow;
}

/* Circulations that are not the best one are good ones too. */
static bool solve(struct problem *problem)
{
    bool done = true;
    bool changed = true;
    bool is_best;
    expect_as_sampled(problem);
    for (int round = 0; done && changed && round < ROUNDS; round++) {
        network_free(&problem->network);
        done = build_network(problem) &&
               network_solve(&problem->network, WORK / ROUNDS, &is_best, problem->builder->error);
        if (done) {
            count_blocks(problem);
            changed = expect_as_answered(problem);
        }
    }
    return done;
}

/* --- the answer --------------------------------------------------------------------- */

static bool add_trace(struct inference_builder *builder, struct location from, uint64_t to,
                      uint64_t count)
{
    struct trace trace = {.from = from, .to = {builder->module, to}, .end = to, .count = count};
    return count == 0 || profile_add_trace(builder->runs, &trace, builder->error);
}

/* A straight run from nowhere: it says that code ran, not how control came there. */
static bool add_run(struct inference_builder *builder, uint64_t start, uint64_t end, uint64_t count)
{
    struct trace trace = {.from = {PROFILE_MODULE_NONE, 0},
                          .to = {builder->module, start},
                          .end = end,
                          .has_range = true,
                          .count = count};
    return count == 0 || profile_add_trace(builder->runs, &trace, builder->error);
}

static bool add_edge(struct problem *problem, uint64_t from, uint64_t target, bool falls_through,
                     int64_t count)
{
    const struct function *to = binary_function_at(problem->builder->binary, target);
    if (!to || count == 0)
        return true;
    if (problem->builder->runs)
        return falls_through ||
               add_trace(problem->builder, (struct location){problem->builder->module, from},
                         target, (uint64_t)count);
    return edges_add(problem->builder->edges,
                     (struct edge){.from = problem->function,
                                   .to = to,
                                   .from_offset = from - problem->function->address,
                                   .to_offset = target - to->address,
                                   .is_fall_through = falls_through,
                                   .count = (uint64_t)count},
                     problem->builder->error);
}

/* No run goes on behind a call, nor are those that branched away on the way still in it. */
static bool add_block_runs(struct problem *problem, uint32_t number, size_t *edge)
{
    const struct control_flow_graph *graph = &problem->graph;
    const struct block *block = &graph->blocks.items[number];
    int64_t count = problem->counts[number];
    uint64_t start = block->start;
    struct instruction instruction;
    for (uint64_t address = start; address <= block->last; address += instruction.size) {
        if (!decoder_decode(problem->builder->decoder, address, &instruction))
            return true;
        if (instruction.kind != INSTRUCTION_CALL && instruction.kind != INSTRUCTION_CONDITIONAL &&
            address != block->last)
            continue;
        if (!add_run(problem->builder, start, address, (uint64_t)count))
            return false;
        start = address + instruction.size;
        for (; *edge < graph->edge_count && graph->edges[*edge].from == number &&
               graph->edges[*edge].branch <= address;
             ++*edge)
            count -= problem->network.arcs[problem->edge_arcs[*edge]].flow;
    }
    return true;
}

static bool add_runs(struct problem *problem)
{
    const struct control_flow_graph *graph = &problem->graph;
    bool done = true;
    for (uint32_t i = 0, edge = 0; done && i < graph->blocks.count; i++) {
        size_t first = edge;
        done = add_block_runs(problem, i, &first);
        for (edge = (uint32_t)first; edge < graph->edge_count && graph->edges[edge].from == i;)
            edge++;
    }
    return done;
}

static bool add_entry(struct problem *problem, int64_t entered)
{
    struct inference_builder *builder = problem->builder;
    if (entered == 0)
        return true;
    if (builder->edges)
        return edges_add(builder->edges,
                         (struct edge){.to = problem->function, .count = (uint64_t)entered},
                         builder->error);
    if (!memory_reserve(&builder->entries, &builder->entry_capacity, builder->entry_count + 1,
                        sizeof(*builder->entries), builder->error))
        return false;
    builder->entries[builder->entry_count++] =
        (struct function_entry){problem->function->address, (uint64_t)entered};
    return true;
}

static bool read_answer(struct problem *problem)
{
    const struct control_flow_graph *graph = &problem->graph;
    int64_t entered = problem->network.arcs[problem->entry_arc].flow;
    bool done = true;
    for (size_t i = 0; done && i < graph->edge_count; i++) {
        const struct flow_edge *edge = &graph->edges[i];
        int64_t count = problem->network.arcs[problem->edge_arcs[i]].flow;
        if (edge->target)
            done = add_edge(problem, edge->branch, edge->target, edge->kind == FLOW_FALL_THROUGH,
                            count);
    }
    for (size_t i = 0; done && i < graph->call_count; i++) {
        const struct flow_call *call = &graph->calls[i];
        if (call->target)
            done = add_edge(problem, call->call, call->target, false, problem->counts[call->block]);
    }
    /* Callers may have no samples, or call through pointers. */
    return done && add_entry(problem, entered) && (!problem->builder->runs || add_runs(problem));
}

static void count_samples(struct problem *problem, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ptrdiff_t block = blocks_at(&problem->graph.blocks, samples[i].address);
        if (block < 0)
            continue;
        uint64_t sum = count_add(problem->samples[block], samples[i].count);
        problem->samples[block] = sum < MOST_SAMPLES ? sum : MOST_SAMPLES;
    }
}

/* What no flow is known of stays as it was sampled, each instruction on its own. */
static bool keep_samples(struct inference_builder *builder, const struct sample *samples,
                         size_t count)
{
    bool done = true;
    for (size_t i = 0; done && builder->runs && i < count; i++) {
        uint64_t sampled = samples[i].count < MOST_SAMPLES ? samples[i].count : MOST_SAMPLES;
        done = add_run(builder, samples[i].address, samples[i].address, sampled * INFERENCE_SCALE);
    }
    return done;
}

/* Whether anything goes through the function at all. */
static bool has_flow(const struct problem *problem)
{
    for (size_t i = 0; i < problem->graph.blocks.count; i++) {
        if (problem->counts[i] > 0)
            return true;
    }
    return false;
}

static bool infer(struct inference_builder *builder, const struct function *function,
                  const struct sample *samples, size_t count)
{
    struct problem problem = {.builder = builder, .function = function};
    bool done = control_flow_graph_build(&problem.graph, builder->binary, builder->decoder,
                                         function, NULL, 0, builder->error);
    size_t blocks = problem.graph.blocks.count;
    if (done && blocks > 0) {
        problem.samples = calloc(blocks, sizeof(*problem.samples));
        problem.expected = calloc(blocks, sizeof(*problem.expected));
        problem.counts = calloc(blocks, sizeof(*problem.counts));
        problem.edge_arcs = calloc(problem.graph.edge_count + 1, sizeof(*problem.edge_arcs));
        done = problem.samples && problem.expected && problem.counts && problem.edge_arcs;
        if (!done)
            memory_exhausted(builder->error);
        else
            count_samples(&problem, samples, count);
        done = done && solve(&problem) && read_answer(&problem);
    }
    if (done && (blocks == 0 || !has_flow(&problem)))
        done = keep_samples(builder, samples, count);
    network_free(&problem.network);
    control_flow_graph_free(&problem.graph);
    free(problem.samples);
    free(problem.expected);
    free(problem.counts);
    free(problem.edge_arcs);
    return done;
}

static bool infer_all(struct inference_builder *builder, const struct profile *profile)
{
    bool done;
    builder->decoder = decoder_of(builder->binary, builder->error);
    done = builder->decoder && collect_samples(builder, profile, builder->module);
    for (size_t first = 0, end; done && first < builder->sample_count; first = end) {
        const struct sample *samples = &builder->samples[first];
        const struct function *function = binary_function_at(builder->binary, samples->address);
        end = first + 1;
        while (function && end < builder->sample_count &&
               builder->samples[end].address - function->address < function->extent)
            end++;
        done = function && !function->is_plt ? infer(builder, function, samples, end - first)
                                             : keep_samples(builder, samples, end - first);
    }
    free(builder->samples);
    return done;
}

bool inference_build(struct edges *edges, const struct profile *profile, uint32_t module,
                     const struct binary *binary, struct error *error)
{
    assert(profile->is_normalised);
    struct inference_builder builder = {
        .edges = edges, .module = module, .binary = binary, .error = error};
    *edges = (struct edges){0};
    bool done = infer_all(&builder, profile);
    if (done)
        edges_sort(edges);
    else
        edges_free(edges);
    return done;
}

/* Branches to the beginning of a function from others account for its entries; some are not known.
 */
static bool add_entries(struct inference_builder *builder)
{
    const struct profile *runs = builder->runs;
    size_t branches = runs->trace_count;
    for (size_t i = 0; i < branches; i++) {
        const struct trace *trace = &runs->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE ||
            binary_function_at(builder->binary, trace->from.address) ==
                binary_function_at(builder->binary, trace->to.address))
            continue;
        size_t first =
            SEARCH_COUNT(builder->entry_count, k, builder->entries[k].address < trace->to.address);
        struct function_entry *entry = &builder->entries[first];
        if (first < builder->entry_count && entry->address == trace->to.address)
            entry->count -= entry->count < trace->count ? entry->count : trace->count;
    }
    bool done = true;
    for (size_t i = 0; done && i < builder->entry_count; i++)
        done = add_trace(builder, (struct location){PROFILE_MODULE_OUTSIDE, 0},
                         builder->entries[i].address, builder->entries[i].count);
    return done;
}

struct profile *inference_profile(const struct profile *profile, uint32_t module,
                                  const struct binary *binary, struct error *error)
{
    assert(profile->is_normalised);
    struct profile *runs = profile_new(error);
    struct inference_builder builder = {
        .runs = runs, .module = module, .binary = binary, .error = error};
    bool done = runs != NULL;
    for (size_t i = 0; done && i < profile->module_count; i++) {
        uint32_t number;
        done = profile_add_module(runs, &profile->modules[i], &number, error);
    }
    done = done && infer_all(&builder, profile) && add_entries(&builder) &&
           profile_normalise(runs, error);
    free(builder.entries);
    if (done)
        return runs;
    profile_free(runs);
    return NULL;
}
