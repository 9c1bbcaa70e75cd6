/*
 * The options that say what programs are run with: -w, --stdin, and how a server
 * gets its work.  A child parser of argp's, common to compare and cycle.
 */
#ifndef BOLT_BRIDGE_VERBS_WORKLOADS_H
#define BOLT_BRIDGE_VERBS_WORKLOADS_H

#include <argp.h>
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

/* The input of workloads_argp.  Begins as {0}. */
struct workloads {
    struct workload items[MEASURE_WORKLOADS];
    size_t count;
    const char *input_file; /* of --stdin */
    struct service service;
    bool is_server;
};

extern const struct argp workloads_argp;

/*
 * After parsing: the arguments behind -- come first in each workload, or are the only
 * one.  ERROR_USAGE, ERROR_MEMORY.
 */
bool workloads_complete(struct workloads *workloads, char **rest, size_t rest_count,
                        struct error *error);

/*
 * A NULL-terminated vector of `prefix_count` strings and the workload's words, in one
 * allocation; the strings are borrowed.  NULL with ERROR_MEMORY.
 */
char **workload_vector(const struct workload *workload, char *const *prefix, size_t prefix_count,
                       struct error *error);

/* Fills in what measure_run needs of a workload, but for the arguments. */
void workload_describe(const struct workloads *workloads, size_t index,
                       struct measure_workload *into);

void workloads_free(struct workloads *workloads);

#endif
