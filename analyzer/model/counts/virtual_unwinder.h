/*
 * What ran under which callers, from samples with a call stack and a branch stack: going
 * back along the branches, calls undo and returns redo a frame of the stack.  The rules
 * are those of llvm-profgen's virtual unwinder (llvm/tools/llvm-profgen/PerfReader.cpp)
 * for programs with pseudo-probes, so that profiles from here and from there
 * agree.  Traces that were recorded by their callers need no unwinding.
 */
#ifndef ANALYZER_MODEL_COUNTS_VIRTUAL_UNWINDER_H
#define ANALYZER_MODEL_COUNTS_VIRTUAL_UNWINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/* The callers of what ran: addresses of call instructions, outermost first; perhaps none. */
struct calling_context {
    const uint64_t *calls; /* 0: something there did not call */
    size_t count;
};

/* A straight run from its first to its last instruction, or a branch, under these callers. */
struct unwound_count {
    uint32_t context;
    bool is_branch;
    uint64_t from;
    uint64_t to;
    uint64_t count;
};

struct virtual_unwinder;

/* Keep all callers. */
#define CONTEXT_DEPTH_ANY UINT32_MAX

/*
 * Of one module of a profile, from its traces by callers and the hybrid samples that it kept.
 * Repeated calls of one place by itself (recursion) are one, and of what remains the `depth`
 * innermost callers are kept.  NULL with ERROR_MEMORY; virtual_unwinder_free takes NULL.
 */
struct virtual_unwinder *virtual_unwinder_run(const struct profile *profile, uint32_t module,
                                              const struct binary *binary, uint32_t depth,
                                              struct error *error);
void virtual_unwinder_free(struct virtual_unwinder *contexts);

size_t virtual_unwinder_context_count(const struct virtual_unwinder *contexts);
struct calling_context virtual_unwinder_context(const struct virtual_unwinder *contexts,
                                                size_t index);

/* All runs and branches inside the module: by context, runs before branches, from and to. */
const struct unwound_count *virtual_unwinder_counts(const struct virtual_unwinder *contexts,
                                                    size_t *count);

/*
 * Takes repeated sequences out of an array of `count` items: of a, b, b, a, b, b what is
 * left is a, b.  Items are alike where their bytes are.  Returns how many are left.
 */
size_t context_compress(void *items, size_t count, size_t item_size);

#endif
