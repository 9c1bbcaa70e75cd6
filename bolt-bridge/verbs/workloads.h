/*
 * The options that say what programs are run with: -w, --stdin, and how a server
 * gets its work.  A child parser of argp's, common to compare and cycle.
 */
#ifndef BOLT_BRIDGE_VERBS_WORKLOADS_H
#define BOLT_BRIDGE_VERBS_WORKLOADS_H

#include <argp.h>
#include <glob.h>

#include "bolt-bridge/process/workload.h"

/* The input of workloads_argp.  Begins as {0}. */
struct workload_options {
    struct workloads workloads;
    const char *input_file; /* of --stdin */
    /* Of each: what its words point into, and how many words it has room for. */
    char *texts[MEASURE_WORKLOADS];
    glob_t files[MEASURE_WORKLOADS];
    size_t capacities[MEASURE_WORKLOADS];
};

extern const struct argp workloads_argp;

/* Adds one, as the option -w has it.  Usage errors name `option`. */
void workloads_add(struct workload_options *input, const char *argument, const char *option,
                   struct argp_state *state);

/*
 * After parsing: the arguments behind -- come first in each workload, or are the only
 * one.  ERROR_MEMORY.
 */
bool workloads_complete(struct workload_options *input, char **rest, size_t rest_count,
                        struct error *error);

void workloads_free(struct workload_options *input);

#endif
