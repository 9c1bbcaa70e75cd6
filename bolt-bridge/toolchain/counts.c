#include "bolt-bridge/toolchain/counts.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

const char *count_source_text(enum count_source source)
{
    return source == COUNTS_BY_PERF ? "perf" : "valgrind";
}

const char *count_text(enum count_source source, enum count_kind kind)
{
    static const char *const texts[COUNT_SOURCES][COUNT_KINDS] = {
        [COUNTS_BY_PERF] =
            {
                [COUNT_INSTRUCTIONS] = "instructions",
                [COUNT_BRANCHES] = "branches",
                [COUNT_MISPREDICTED] = "mispredicted",
            },
        [COUNTS_BY_VALGRIND] =
            {
                [COUNT_INSTRUCTIONS] = "instructions",
                [COUNT_TAKEN] = "conditional branches taken",
                [COUNT_MISPREDICTED] = "mispredicted (model)",
                [COUNT_CODE_MISSES] = "code cache misses (model)",
                [COUNT_DATA_MISSES] = "data cache misses (model)",
                [COUNT_MEMORY_ACCESS] = "last level misses (model)",
            },
    };
    return texts[source][kind];
}

bool counts_choose(enum count_source *source, struct error *error)
{
    if (*source == COUNTS_BY_WHAT_THERE_IS)
        *source = counts_perf_works() ? COUNTS_BY_PERF : COUNTS_BY_VALGRIND;
    else if (*source == COUNTS_BY_PERF && !counts_perf_works()) {
        error_set(error, ERROR_TOOL_FAILED, "perf",
                  "it counts no instructions here: no hardware counters, as in most virtual "
                  "machines, or kernel.perf_event_paranoid is above 2; valgrind counts anywhere");
        return false;
    }
    return true;
}

bool counts_run(enum count_source source, const struct process *program, struct counts *counts,
                struct process_result *result, struct error *error)
{
    memset(counts, 0, sizeof(*counts));
    return (source == COUNTS_BY_PERF ? counts_run_perf : counts_run_valgrind)(program, counts,
                                                                              result, error);
}

char **counts_command(const struct process *program, char *const *prefix, size_t prefix_count,
                      struct error *error)
{
    size_t count = 0;

    while (program->arguments[count])
        count++;
    char **command = calloc(prefix_count + count + 2, sizeof(*command));
    if (!command) {
        memory_exhausted(error);
        return NULL;
    }
    memcpy(command, prefix, prefix_count * sizeof(*command));
    command[prefix_count] = (char *)program->path;
    for (size_t i = 1; i < count; i++)
        command[prefix_count + i] = program->arguments[i];
    return command;
}
