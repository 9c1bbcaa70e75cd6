#include "analyzer/model/counts/trace_walk.h"

#include "analyzer/base/count.h"
#include "analyzer/model/match/return_branch.h"

bool trace_walk_module(const struct trace_walk *walk, struct edges *edges,
                       const struct profile *profile, uint32_t module, struct binaries *binaries)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool has_branch = trace->from.module != PROFILE_MODULE_NONE;
        if (trace->from.module != module && trace->to.module != module)
            continue;
        bool by_return = trace_is_return(binaries, trace);
        if (has_branch)
            edges->branches = count_add(edges->branches, trace->count);
        if (has_branch && by_return)
            edges->returns = count_add(edges->returns, trace->count);
        if (has_branch && !by_return && !walk->add_branch(walk->context, trace))
            return false;
        if (trace->to.module == module && trace->has_range &&
            !walk->add_range(walk->context, trace, by_return))
            return false;
    }
    return true;
}

const struct function *trace_walk_range_function(struct edges *edges, const struct binary *binary,
                                                 const struct trace *trace)
{
    const struct function *first = binary_function_at(binary, trace->to.address);
    const struct function *last = binary_function_at(binary, trace->end);

    edges->runs = count_add(edges->runs, trace->count);
    if (!first || !last) {
        edges->ranges_out_of_code = count_add(edges->ranges_out_of_code, trace->count);
        return NULL;
    }
    if (first != last) {
        edges->ranges_mismatching = count_add(edges->ranges_mismatching, trace->count);
        return NULL;
    }
    return first;
}
