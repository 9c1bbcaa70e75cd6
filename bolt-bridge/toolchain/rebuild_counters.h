/*
 * Whether a build used a profile of counters: which compilations had it, and how many functions
 * the compiler found otherwise than when the dumps were made (rebuild_dumps.h).
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_COUNTERS_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Has clang note its warnings, and limits the time of the build: counts can make a compiler go on
 * without end.  ERROR_WRITE.
 */
bool rebuild_watch_counters(const struct rebuild *rebuild, struct process *process,
                            struct error *error);
/* Behind the build: clang's warnings go where they belong again. */
void rebuild_watch_no_more(void);

/* What became of the functions of the profile. */
struct counters_use {
    uint64_t functions;
    uint64_t mismatches; /* have other blocks in the build; only clang tells */
    bool is_used;
    const char *remedy; /* static; NULL where it is used */
};

/* Of a build that succeeded, and ran the compiler with the profile.  Adds to the findings. */
struct counters_use rebuild_judge_counters(struct rebuild *rebuild);

#endif
