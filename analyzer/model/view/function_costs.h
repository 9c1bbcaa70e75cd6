/*
 * What each function of a profile cost: by itself, with what it called, and who called whom.
 * A function counts once for each call stack that it is in, however often it calls itself.
 */
#ifndef ANALYZER_MODEL_VIEW_FUNCTION_COSTS_H
#define ANALYZER_MODEL_VIEW_FUNCTION_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/*
 * `function` is NULL where no symbol is known; then all such code of a module is one.  The
 * module is PROFILE_MODULE_NONE where a call stack was cut short.
 */
struct function_cost {
    uint32_t module;
    const struct function *function;
    uint64_t self;      /* samples in it */
    uint64_t total;     /* samples while it was in the call stack: `self` at least */
    uint64_t stackless; /* of `self`, those that no call stack stands for: all or none */
    uint64_t runs;      /* straight ranges that begin in it, for profiles without samples */
};

/* A function that called another, as indices of function_costs.items. */
struct function_call {
    uint32_t caller, callee;
    uint64_t samples; /* while the call was in the call stack, as `total` has them */
    uint64_t calls;   /* counted branches from the one to the beginning of the other */
};

struct function_costs {
    struct function_cost *items; /* by module, then by address */
    size_t count, capacity;
    struct function_call *calls; /* by caller, then by callee */
    size_t call_count, call_capacity;
    uint64_t samples;         /* all that `self` adds up to */
    uint64_t samples_outside; /* of those, in no module */
    uint64_t samples_unnamed; /* of those, in a module, but in no function that is known */
    uint64_t stacks;          /* samples with a call stack */
    /*
     * By stack node of the profile: the samples that it stands for.  Few have a call stack; those
     * of a function stand for all its samples.
     */
    uint64_t *stack_samples;
    /*
     * All that `total` is a share of: the samples, or call stacks where no samples came with them.
     */
    uint64_t whole;
};

/*
 * Of a normalised profile.  `module`: the only one whose samples count, whoever called it, or
 * PROFILE_MODULE_NONE.  The caller frees with function_costs_free, also after a failure.
 */
bool function_costs_find(struct function_costs *costs, const struct profile *profile,
                         struct binaries *binaries, uint32_t module, struct error *error);
void function_costs_free(struct function_costs *costs);

/* The index of a function, or of a module's code without symbols; SIZE_MAX: it is not there. */
size_t function_costs_at(const struct function_costs *costs, uint32_t module,
                         const struct function *function);

enum function_order { ORDER_BY_SELF, ORDER_BY_TOTAL, ORDER_BY_NAME };

/* Indices of all items in that order; NULL with ERROR_MEMORY.  The caller frees it. */
uint32_t *function_costs_order(const struct function_costs *costs, enum function_order order,
                               struct error *error);

/*
 * The index of the function that `name` means: a symbol, or its name as people wrote it; else the
 * only one that has this in its name.  Of several of one name, the hottest.  `module` is the
 * only one to look in, or PROFILE_MODULE_NONE.  ERROR_NOT_IN_PROFILE, with what is like it.
 */
bool function_costs_named(const struct function_costs *costs, const char *name, uint32_t module,
                          size_t *index, struct error *error);

#endif
