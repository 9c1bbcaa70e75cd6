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
#include "analyzer/model/binary/bolt_translation.h"
#include "analyzer/model/counts/edge_list.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

/*
 * The edges of one module of a normalised profile.  `binary` is the module's;
 * `binaries` tells whether branches from other modules are returns, which are
 * no edges.  Where BOLT wrote the binary with a table of addresses, `translation` is that
 * table: functions are those of the binary, offsets in what the table knows are those of the
 * binary that it was made of.  NULL else.  The caller frees with edges_free.
 */
bool edges_build(struct edges *edges, const struct profile *profile, uint32_t module,
                 const struct binary *binary, struct binaries *binaries,
                 const struct bolt_translation *translation, struct error *error);

/* Whether the module has branches or runs; if not, only sampled addresses are known of it. */
bool profile_has_branches(const struct profile *profile, uint32_t module);

#endif
