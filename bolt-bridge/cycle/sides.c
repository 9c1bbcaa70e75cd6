#include "bolt-bridge/cycle/sides.h"

#include "bolt-bridge/report/table.h"

size_t cycle_side_count(const struct cycle *cycle)
{
    return 1u + cycle->has_rebuilt + cycle->has_relinked;
}

/* The comparison's sides: plain, and what was made of it. */
static void list_sides(const struct cycle *cycle, struct measure_request *request)
{
    request->side_count = cycle_side_count(cycle);
    request->paths[MEASURE_A] = cycle->plain.path;
    request->names[MEASURE_A] = cycle->request->name;
    if (cycle->has_rebuilt) {
        request->paths[MEASURE_B] = cycle->rebuilt.path;
        request->names[MEASURE_B] = "rebuilt with the profile";
    }
    if (cycle->has_relinked) {
        request->paths[request->side_count - 1] = cycle->relinked;
        request->names[request->side_count - 1] = cycle->request->output;
    }
}

void cycle_describe_comparison(const struct cycle *cycle, struct measure_request *request,
                               struct measure_workload workloads[MEASURE_WORKLOADS])
{
    *request = (struct measure_request){.workloads = workloads,
                                        .workload_count = cycle->request->workloads->count,
                                        .stopping = cycle->request->comparing,
                                        .noise = true,
                                        .tolerance = cycle->request->tolerance,
                                        .timeout = cycle->request->timeout,
                                        .progress = table_progress};
    list_sides(cycle, request);
    for (size_t i = 0; i < request->workload_count; i++)
        workload_describe(cycle->request->workloads, i, &workloads[i]);
}
