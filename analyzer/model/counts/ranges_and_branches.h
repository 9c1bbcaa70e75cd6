/*
 * What a profile says of one module by address alone: straight ranges of code
 * that ran and branches that were taken, each added up over all traces.  The
 * form in which llvm-profgen takes counts; used by the LLVM sample profiles.
 */
#ifndef ANALYZER_MODEL_COUNTS_RANGES_AND_BRANCHES_H
#define ANALYZER_MODEL_COUNTS_RANGES_AND_BRANCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"

/* Where a branch came from that is not in the module: llvm-profgen's number for that. */
#define BRANCH_OUTSIDE 1

/* A range from its first to its last instruction, or a branch. */
struct counted_pair {
    uint64_t from;
    uint64_t to;
    uint64_t count;
};

/* Where all counts of a profile went, that of each trace once as a branch and once as a run. */
struct address_accounts {
    uint64_t branches_kept;      /* into the module's code */
    uint64_t branches_outside;   /* into the module where it has no code */
    uint64_t branches_elsewhere; /* into other binaries */
    uint64_t runs_kept, runs_impossible, runs_outside, runs_elsewhere;
    uint64_t runs_without_lines; /* of those kept: in code without source lines or probes */
    uint64_t without_run;        /* branches and samples whose run is not known */
};

struct ranges_and_branches {
    struct counted_pair *ranges; /* by from and to, which are unique together */
    size_t range_count, range_capacity;
    struct counted_pair *branches; /* likewise; all of them lead into the module's code */
    size_t branch_count, branch_capacity;
    struct address_accounts accounts;
};

/*
 * Of one module of a profile.  Ranges that its code does not allow are left
 * out.  The caller frees with ranges_and_branches_free, also after a failure.
 */
bool ranges_and_branches_build(struct ranges_and_branches *counts, const struct profile *profile,
                               uint32_t module, const struct binary *binary, struct error *error);
/* Says in detail (-v) what became of the counts, so that nothing disappears unsaid. */
void address_accounts_tell(const struct address_accounts *accounts);

void ranges_and_branches_free(struct ranges_and_branches *counts);

#endif
