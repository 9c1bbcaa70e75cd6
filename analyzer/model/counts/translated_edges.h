/*
 * Edges of the binary that BOLT started from, by a profile of the one that it wrote with a
 * table of addresses (bolt_translation.h).  The rules are perf2bolt's for such binaries.
 */
#ifndef ANALYZER_MODEL_COUNTS_TRANSLATED_EDGES_H
#define ANALYZER_MODEL_COUNTS_TRANSLATED_EDGES_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/bolt_translation.h"
#include "analyzer/model/counts/edge_list.h"
#include "analyzer/model/profile/profile.h"

/*
 * What an offset in a function of the rewritten binary is in the other: the function, which
 * is the whole where *function was a part of it, in *function.
 */
uint64_t translated_offset(const struct binary *binary, const struct bolt_translation *translation,
                           const struct function **function, uint64_t offset, bool is_source);

/* Both ends of an edge of the rewritten binary become places of the other. */
void translated_edge(struct edge *edge, const struct binary *binary,
                     const struct bolt_translation *translation);

/*
 * Counts each boundary between two blocks of the fragment that the trace's range passes.  The
 * edge's function is that of the rewritten binary, its offsets are of the other.
 */
bool translated_range_add(struct edges *edges, const struct binary *binary,
                          const struct bolt_translation *translation,
                          const struct bolt_fragment *fragment, const struct trace *trace,
                          bool by_return, struct error *error);

#endif
