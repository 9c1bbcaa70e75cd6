#include "analyzer/read/perf_sink.h"

#include "analyzer/base/count.h"
#include "analyzer/read/perf_sample.h"

bool perf_sink_place(struct perf_sink *sink, uint32_t process, uint64_t address,
                     struct location *location, struct error *error)
{
    if (!sink->is_unnamed)
        return perf_locate(sink->spaces, process, address, location, error);
    *location = (struct location){sink->unnamed, address & PGORAW_ADDRESS_MASK};
    return true;
}

/* Counts an address of a sample or branch, and whether it is in a file. */
static void count_place(struct perf_sink *sink, const struct location *location)
{
    sink->placed++;
    sink->not_mapped += location->module == PROFILE_MODULE_OUTSIDE;
}

bool perf_sink_sample(struct perf_sink *sink, uint32_t process, uint64_t address,
                      struct error *error)
{
    struct trace trace = {.from = {PROFILE_MODULE_NONE, 0}};
    uint32_t number;
    sink->counters[PGORAW_COUNT_SAMPLES]++;
    if (!perf_sink_place(sink, process, address, &trace.to, error) ||
        !perf_count_trace(&sink->counts, &trace, &number, error))
        return false;
    count_place(sink, &trace.to);
    if (trace.to.module == PROFILE_MODULE_OUTSIDE)
        sink->counters[PGORAW_COUNT_DROP_MODULES]++;
    return true;
}

/*
 * The last instruction of the range that begins at `to`, where the next branch is at
 * `next`.  It is not known where the two are in different mappings, as after a lost entry.
 */
static void find_range(const struct perf_branch_place *next, uint64_t to, struct trace *trace)
{
    const struct location *end = &next->location;
    uint64_t length = next->address - to;
    if (next->address < to || length >= PGORAW_NO_RUN || trace->to.module == PROFILE_MODULE_OUTSIDE)
        return;
    trace->has_range =
        end->module == trace->to.module && end->address == trace->to.address + length;
    trace->end = end->address;
}

bool perf_sink_branch(struct perf_sink *sink, uint32_t process, uint64_t from, uint64_t to,
                      struct perf_branch_place *next, struct error *error)
{
    struct profile *profile = sink->counts.profile;
    struct trace trace = {0};
    uint32_t number;
    bool is_empty = from == 0 && to == 0;
    bool is_kernel = perf_is_kernel(from) || perf_is_kernel(to);
    sink->left_out.empty_branches += is_empty;
    sink->left_out.kernel_branches += is_kernel;
    if (is_empty || is_kernel)
        return true;
    if (!perf_sink_place(sink, process, from, &trace.from, error) ||
        !perf_sink_place(sink, process, to, &trace.to, error))
        return false;
    count_place(sink, &trace.from);
    count_place(sink, &trace.to);
    find_range(next, to, &trace);
    if (!perf_count_trace(&sink->counts, &trace, &number, error) ||
        (profile->keeps_hybrid_samples &&
         !hybrid_samples_branch(&profile->hybrid_samples, number, error)))
        return false;
    sink->counters[PGORAW_COUNT_BRANCHES]++;
    *next = (struct perf_branch_place){from, trace.from};
    return true;
}

bool perf_sink_stack(struct perf_sink *sink, uint32_t process, const uint64_t *frames, size_t count,
                     struct error *error)
{
    uint32_t node = 0;
    for (size_t i = count; i-- > 0;) {
        struct location location;
        /* The caller goes on behind its call. */
        uint64_t address = i > 0 && frames[i] > 0 ? frames[i] - 1 : frames[i];
        if (!perf_sink_place(sink, process, address, &location, error) ||
            !perf_find_stack(&sink->counts, node, location, &node, error))
            return false;
    }
    sink->stack = node;
    if (node) {
        struct stack_node *leaf = &sink->counts.profile->stacks[node - 1];
        leaf->count = count_add(leaf->count, 1);
        sink->counters[PGORAW_COUNT_STACKS]++;
    }
    return true;
}

bool perf_sink_end_sample(struct perf_sink *sink, struct error *error)
{
    struct profile *profile = sink->counts.profile;
    uint32_t stack = sink->stack;
    sink->stack = 0;
    return !profile->keeps_hybrid_samples ||
           hybrid_samples_end(&profile->hybrid_samples, stack, 1, error);
}
