#include "bolt-bridge/counting/sides.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"

static bool count_side(const struct measure_request *request, enum count_source source,
                       const struct measure_workload *workload, enum measure_side side,
                       struct counts *counts, struct process_result *result, char output[PATH_MAX],
                       struct error *error)
{
    char how[256], name[32];
    struct process process = {.path = request->paths[side],
                              .arguments = workload->arguments[side],
                              .input_file = workload->input_file,
                              .output_file = output,
                              .timeout = request->timeout};

    snprintf(name, sizeof(name), "counted-%d.out", side);
    if (!temporary_path(name, output, error) ||
        !counts_run(source, &process, counts, result, error))
        return false;
    if (side == MEASURE_A && (result->signal || result->timed_out)) {
        process_describe(result, how, sizeof(how));
        error_set(error, ERROR_WORKLOAD_FAILED, request->names[side], "%sit %s",
                  source == COUNTS_BY_VALGRIND ? "under valgrind " : "", how);
        return false;
    }
    return true;
}

static bool count_workload(const struct measure_request *request, enum measure_side side,
                           enum count_source source, const struct measure_workload *workload,
                           struct count_pair *pair, struct error *error)
{
    char before[PATH_MAX], after[PATH_MAX];
    struct process_result a, b;
    uint64_t offset;
    bool same = true;

    if (!count_side(request, source, workload, MEASURE_A, &pair->before, &a, before, error) ||
        !count_side(request, source, workload, side, &pair->after, &b, after, error))
        return false;
    pair->difference = NULL;
    if (a.exit_status != b.exit_status || b.signal || b.timed_out)
        pair->difference = "they end differently";
    else if (!request->tolerance.output && !file_compare(before, after, &same, &offset, error))
        return false;
    else if (!same)
        pair->difference = "their standard outputs differ";
    return true;
}

void count_compare(const struct measure_request *request, struct count_comparison *comparison)
{
    struct counts before[MEASURE_WORKLOADS], after[MEASURE_WORKLOADS];
    unsigned weights[MEASURE_WORKLOADS];

    comparison->same = true;
    for (size_t i = 0; i < comparison->count; i++) {
        before[i] = comparison->pairs[i].before;
        after[i] = comparison->pairs[i].after;
        weights[i] = request->workloads[i].weight ? request->workloads[i].weight : 1;
        comparison->same = comparison->same && !comparison->pairs[i].difference;
    }
    count_judge(before, after, weights, comparison->count, &comparison->judgement);
}

bool count_sides(const struct measure_request *request, enum measure_side side,
                 enum count_source source, struct count_comparison *comparison, struct error *error)
{
    if (!counts_choose(&source, error))
        return false;
    *comparison = (struct count_comparison){.source = source, .count = request->workload_count};
    for (size_t i = 0; i < request->workload_count; i++) {
        if (request->workloads[i].service) {
            error_set(error, ERROR_USAGE, "--counts", "a server's work is not the same twice");
            return false;
        }
        message_progress("counting", i + 1, request->workload_count);
        if (!count_workload(request, side, source, &request->workloads[i], &comparison->pairs[i],
                            error))
            return false;
    }
    count_compare(request, comparison);
    return true;
}
