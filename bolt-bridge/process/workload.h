/*
 * What a program is run with, as the verbs read it from their command lines.
 */
#ifndef BOLT_BRIDGE_PROCESS_WORKLOAD_H
#define BOLT_BRIDGE_PROCESS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/service.h"

struct workload {
    char *name; /* NULL where it is the only one and was given none */
    unsigned weight;
    char **words; /* arguments, NULL-terminated */
    size_t word_count;
    const char *input_file; /* NULL: /dev/null */
};

/* All that a program is measured with; begins as {0}. */
struct workloads {
    struct workload items[MEASURE_WORKLOADS];
    size_t count;
    struct service service;
    bool is_server;
};

/*
 * A NULL-terminated vector of `prefix_count` strings and the workload's arguments, in one
 * allocation; the strings are borrowed.  NULL with ERROR_MEMORY.
 */
char **workload_vector(const struct workload *workload, char *const *prefix, size_t prefix_count,
                       struct error *error);

/* Fills in what measure_run needs of a workload, but for the arguments. */
void workload_describe(const struct workloads *workloads, size_t index,
                       struct measure_workload *into);

#endif
