#include "bolt-bridge/process/workload.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

char **workload_vector(const struct workload *workload, char *const *prefix, size_t prefix_count,
                       struct error *error)
{
    char **vector = calloc(prefix_count + workload->word_count + 1, sizeof(*vector));
    if (!vector) {
        memory_exhausted(error);
        return NULL;
    }
    memcpy(vector, prefix, prefix_count * sizeof(*vector));
    memcpy(vector + prefix_count, workload->words, workload->word_count * sizeof(*vector));
    return vector;
}

void workload_describe(const struct workloads *workloads, size_t index,
                       struct measure_workload *into)
{
    const struct workload *workload = &workloads->items[index];

    into->name = workload->name;
    into->weight = workload->weight;
    into->input_file = workload->input_file;
    into->service = workloads->is_server ? &workloads->service : NULL;
}
