#include "bolt-bridge/counting/counted_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "bolt-bridge/process/temporary.h"

/* It may take that many times as long, and seconds more. */
#define RUNAWAY_FACTOR 4
#define RUNAWAY_SECONDS 300
/* What valgrind does in a second, at least. */
#define COUNTED_A_SECOND 10e6

bool counted_run(enum count_source source, const char *path, const char *name,
                 const struct workload *workload, double timeout, struct counted_run *run,
                 struct error *error)
{
    char output[PATH_MAX];
    char *first[] = {(char *)name};
    struct process_result result;
    if (!temporary_path("counted.out", output, error))
        return false;
    char **arguments = workload_vector(workload, first, 1, error);
    if (!arguments)
        return false;
    struct process process = {.path = path,
                              .arguments = arguments,
                              .input_file = workload->input_file,
                              .output_file = output,
                              .timeout = timeout};
    bool done = counts_run(source, &process, &run->counts, &result, error) &&
                file_digest(output, run->output, error);
    free(arguments);
    if (done)
        run->exit_status = result.signal || result.timed_out ? -1 : result.exit_status;
    return done;
}

double counted_run_limit(const struct counted_run *run)
{
    return RUNAWAY_SECONDS +
           RUNAWAY_FACTOR * (double)run->counts.values[COUNT_INSTRUCTIONS] / COUNTED_A_SECOND;
}

const char *counted_run_difference(const struct counted_run *first,
                                   const struct counted_run *second, bool output)
{
    if (second->exit_status < 0)
        return "it crashes, or takes much longer";
    if (first->exit_status != second->exit_status)
        return "it ends differently";
    if (!output && memcmp(first->output, second->output, sizeof(first->output)) != 0)
        return "its standard output differs";
    return NULL;
}
