/*
 * Where a profile's samples and branches are, most first: functions, call sites with their
 * targets, conditional branches with their bias.
 */
#ifndef ANALYZER_MODEL_COUNTS_HOTSPOTS_H
#define ANALYZER_MODEL_COUNTS_HOTSPOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/* `function` is NULL where no symbol is known; then all such code of a module is one. */
struct hot_function {
    uint32_t module;
    const struct function *function;
    uint64_t samples; /* that fell into it */
};

struct call_target {
    struct location location;
    uint64_t count;
};

struct call_site {
    struct location location;
    uint64_t count;
    size_t first_target, target_count; /* in hotspots.targets, most first */
};

struct hot_branch {
    struct location location;
    uint64_t taken;
    uint64_t not_taken;
};

struct hotspots {
    struct hot_function *functions;
    size_t function_count, function_capacity;
    struct call_site *call_sites;
    size_t call_site_count, call_site_capacity;
    struct call_target *targets;
    size_t target_count, target_capacity;
    struct hot_branch *branches;
    size_t branch_count, branch_capacity;
    uint64_t samples;         /* all that `functions` add up to */
    uint64_t samples_outside; /* of those, in no module */
    uint64_t samples_unnamed; /* of those, in a module, but in no function that is known */
};

/*
 * Looks at one module of a normalised profile, or at all with
 * PROFILE_MODULE_NONE.  The caller frees with hotspots_free.
 */
bool hotspots_find(struct hotspots *hotspots, const struct profile *profile,
                   struct binaries *binaries, uint32_t module, struct error *error);
void hotspots_free(struct hotspots *hotspots);

#endif
