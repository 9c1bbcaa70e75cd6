/*
 * Edges of the binary that BOLT started from, by a profile of the one that it wrote with a
 * table of addresses (bolt_translation.h).  The rules are perf2bolt's for such binaries.
 */
#ifndef ANALYZER_MODEL_COUNTS_TRANSLATED_EDGES_H
#define ANALYZER_MODEL_COUNTS_TRANSLATED_EDGES_H

#include "analyzer/model/binary/bolt_translation.h"
#include "analyzer/model/counts/edges.h"

/*
 * As edges_build.  The functions of the edges are those of the rewritten binary, the offsets
 * are of the other.  Ranges in functions that are not in the table count as mismatching.
 */
bool edges_build_translated(struct edges *edges, const struct profile *profile, uint32_t module,
                            const struct binary *binary, struct binaries *binaries,
                            const struct bolt_translation *translation, struct error *error);

/*
 * What an offset in a function of the rewritten binary is in the other: the function, which
 * is the whole where *function was a part of it, in *function.
 */
uint64_t translated_offset(const struct binary *binary, const struct bolt_translation *translation,
                           const struct function **function, uint64_t offset, bool is_source);

#endif
