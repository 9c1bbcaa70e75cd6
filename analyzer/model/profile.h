/*
 * The pivot of the analyzer: what was counted, per binary, in each binary's own
 * (link-time) address space.  Every reader makes one, every writer takes one,
 * and merge works on it.  Knows nothing of files or formats.
 */
#ifndef ANALYZER_MODEL_PROFILE_H
#define ANALYZER_MODEL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

#define PROFILE_BUILD_ID_MAX 32

/* Module numbers index struct profile.modules.  OUTSIDE: code of no module. */
#define PROFILE_MODULE_OUTSIDE UINT32_MAX
/* The beginning of a window: no branch led there. */
#define PROFILE_MODULE_NONE (UINT32_MAX - 1)

/* A place in code. `address` is link-time (absolute where the module is OUTSIDE). */
struct location {
    uint32_t module;
    uint64_t address;
};

/*
 * One taken branch and the straight run after it (see include/pgoshim/raw.h).
 * from.module == PROFILE_MODULE_NONE: the run starts at a sampled instruction.
 * `end` is the address of the run's last instruction, in to.module; it is
 * meaningless where !has_run.
 */
struct trace {
    struct location from;
    struct location to;
    uint64_t end;
    bool has_run;
    uint64_t count;
};

/* A node of the calling context tree; parent 0 = no caller, else index + 1. */
struct stack_node {
    uint32_t parent;
    bool truncated; /* stands for the callers that are not known; no location */
    struct location location;
    uint64_t count;
};

struct module {
    char *path;
    uint32_t build_id_size;
    uint8_t build_id[PROFILE_BUILD_ID_MAX];
    uint64_t low_address; /* link-time range of the loadable segments; 0, 0: not known */
    uint64_t high_address;
    bool is_main;
};

/* A recording that went into the profile: what `report` and `show` say of it. */
struct recording {
    char *file;
    char *program;
    char *command_line;
    char *host;
    char *why;
    uint32_t sampler;       /* enum pgoraw_sampler */
    uint32_t branch_source; /* enum pgoraw_branch_source */
    uint64_t period_ns;
    uint64_t start_time_ns;
    int32_t process_id;
    uint64_t *counters; /* PGORAW_MAX_COUNTERS of them, by enum pgoraw_counter */
};

struct profile {
    struct module *modules;
    size_t module_count;
    struct trace *traces; /* unordered, keys may repeat, until profile_normalise */
    size_t trace_count;
    struct stack_node *stacks;
    size_t stack_count;
    struct recording *recordings;
    size_t recording_count;
    size_t module_capacity, trace_capacity, stack_capacity, recording_capacity;
};

#endif
