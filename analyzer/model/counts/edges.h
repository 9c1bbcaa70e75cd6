/*
 * From traces to edges: how often control went from one place in a binary to
 * another, by a branch or by falling through at the end of a basic block.  The
 * rules are perf2bolt's (docs/profile-formats.md tells them), so that fdata
 * from here and from there agree; writers and `report` share them.
 */
#ifndef ANALYZER_MODEL_COUNTS_EDGES_H
#define ANALYZER_MODEL_COUNTS_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/*
 * `from` and `to` are functions of the binary, or NULL for code that is none of
 * its functions' (another module, say); the offsets are bytes into them, 0
 * where they are NULL.
 */
struct edge {
    const struct function *from;
    const struct function *to;
    uint64_t from_offset;
    uint64_t to_offset;
    bool is_fall_through;
    uint64_t count;
};

struct edges {
    struct edge *items; /* by from, from_offset, to, to_offset, is_fall_through; keys are unique */
    size_t count, capacity;
    uint64_t branches;           /* taken branches in or out of the binary, returns included */
    uint64_t returns;            /* of those, which are no edges */
    uint64_t branches_outside;   /* of those, with neither end in a function */
    uint64_t runs;               /* straight runs in the binary */
    uint64_t ranges_mismatching; /* of those, not possible in its code */
    uint64_t ranges_out_of_code; /* of those, not in its functions */
};

/*
 * The edges of one module of a normalised profile.  `binary` is the module's;
 * `binaries` tells whether branches from other modules are returns, which are
 * no edges.  The caller frees with edges_free.
 */
bool edges_build(struct edges *edges, const struct profile *profile, uint32_t module,
                 const struct binary *binary, struct binaries *binaries, struct error *error);
void edges_free(struct edges *edges);

/* Adds an edge; then, when all are there, brings them in order and adds up equal keys. */
bool edges_add(struct edges *edges, struct edge edge, struct error *error);
void edges_sort(struct edges *edges);

/* Counts a taken branch of the binary's, whether it becomes an edge or not. */
void edges_account(struct edges *edges, uint64_t count, bool is_return);

/* Whether the module has branches or runs; if not, only sampled addresses are known of it. */
bool profile_has_branches(const struct profile *profile, uint32_t module);

#endif
