#include "analyzer/model/profile/module_counts.h"

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"

struct module_counts profile_module_counts(const struct profile *profile, uint32_t module)
{
    struct module_counts counts = {0};
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE && trace->to.module == module)
            counts.samples = count_add(counts.samples, trace->count);
        else if (trace->from.module == module)
            counts.branches = count_add(counts.branches, trace->count);
    }
    return counts;
}
