/*
 * The pivot of the analyzer: what was counted, per binary, in each binary's own
 * (link-time) address space.  Every reader makes one, every writer takes one,
 * and merge works on it.  Knows nothing of files or formats.
 */
#ifndef ANALYZER_MODEL_PROFILE_PROFILE_H
#define ANALYZER_MODEL_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/hybrid_samples.h"
#include "analyzer/model/profile/traces_by_caller.h"

/* Build-ids have any length: profiles keep the first bytes, as raw files do. */
#define PROFILE_BUILD_ID_MAX 32
/* Of binaries more is known: debug files are found by all of it. */
#define BUILD_ID_MAX 64
#define PROFILE_BUILD_ID_TEXT (2 * BUILD_ID_MAX + 1)

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
 * meaningless where !has_range.  `correction` is what the weights of its windows
 * add to `count` or take from it (see correction.h); 0 where nothing is known.
 */
struct trace {
    struct location from;
    struct location to;
    uint64_t end;
    bool has_range;
    uint64_t count;
    int64_t correction; /* in 1/PGORAW_WEIGHT_ONE */
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
    bool has_file_offsets; /* not link-time addresses: the file was not found (see
                              profile_place_module) */
};

/* A recording that went into the profile: what `report` and `show` say of it. */
struct recording {
    char *file;
    char *program;
    char *command_line;
    char *host;
    char *why;
    uint32_t sampler;        /* enum pgoraw_sampler */
    uint32_t branch_source;  /* enum pgoraw_branch_source */
    uint32_t machine;        /* ELF e_machine; EM_NONE: not known */
    uint32_t stack_interval; /* samples from one call stack to the next; 0 = never */
    uint64_t *origins;       /* the recordings that are in it, by numbers of their own */
    size_t origin_count;
    uint64_t program_id;
    uint32_t budget_ppm;         /* millionths of CPU time that recording may take; 0: not known */
    uint64_t shortest_period_ns; /* between samples, as the governor may choose; 0: not known */
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
    struct stack_node *stacks; /* likewise; a parent may come after its children */
    size_t stack_count;
    struct recording *recordings;
    size_t recording_count;
    bool keeps_hybrid_samples; /* readers and merging are to */
    struct hybrid_samples hybrid_samples;
    struct traces_by_caller traces_by_caller; /* unordered, keys may repeat, until normalised */
    size_t module_capacity, trace_capacity, stack_capacity, recording_capacity;
    bool is_normalised;     /* nothing was added or moved since profile_normalise */
    size_t compact_size;    /* traces, stacks and contexts left by the last profile_normalise */
    uint32_t *module_index; /* hash table over modules: number + 1, 0 = free */
    size_t module_index_size;
};

/* An empty profile, or NULL with ERROR_MEMORY.  profile_free takes NULL too. */
struct profile *profile_new(struct error *error);
void profile_free(struct profile *profile);

/*
 * Adds a copy of `module` and says its number.  A module that is there already
 * is not added again: one of the same build-id or, where neither has one, of
 * the same path.  It then gets the first path in the alphabet, the range of both
 * and the main flag of either.
 */
bool profile_add_module(struct profile *profile, const struct module *module, uint32_t *number,
                        struct error *error);

/*
 * Add a copy.  Module numbers are this profile's; a stack's parent is an index
 * + 1 in its stacks, of a node added before or after.  No node may be its own
 * caller, however many calls away.
 */
bool profile_add_trace(struct profile *profile, const struct trace *trace, struct error *error);
bool profile_add_stack(struct profile *profile, const struct stack_node *node, struct error *error);

/* Adds a copy of `recording` with all its texts and PGORAW_MAX_COUNTERS counters. */
bool profile_add_recording(struct profile *profile, const struct recording *recording,
                           struct error *error);

/* Rebuilds module_index where modules were changed, with room for more. */
bool profile_index_modules(struct profile *profile, struct error *error);

/* Samples taken anywhere in the profile: what the runs that begin at a sample add up to. */
uint64_t profile_samples(const struct profile *profile);

/*
 * Whether a recorded build-id is that of a binary.  perf.data keeps 20 bytes at most, raw
 * files keep 32: of a longer one these are the beginning.
 */
bool build_id_same(const uint8_t *recorded, uint32_t recorded_size, const uint8_t *build_id,
                   uint32_t size);

/* Hexadecimal digits, or "none" where it has no build-id.  Returns `text`. */
const char *build_id_text(const uint8_t *build_id, uint32_t size, char text[PROFILE_BUILD_ID_TEXT]);

#endif
