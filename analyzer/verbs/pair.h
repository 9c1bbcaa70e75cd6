/*
 * Two profiles to be compared, of whatever kinds, made the same kind: by source
 * line where one of them is, else by symbol.
 */
#ifndef ANALYZER_VERBS_PAIR_H
#define ANALYZER_VERBS_PAIR_H

#include "analyzer/model/compare/overlap.h"
#include "analyzer/verbs/options.h"

struct pair {
    const char *paths[2];
    unsigned path_count;
    struct verb_options options;
    enum profile_kind kind; /* of both, once they are read: PROFILE_BY_SYMBOL or PROFILE_BY_LINE */
    struct symbol_profile symbols[2];
    struct sample_profile lines[2];
    uint64_t observations[2]; /* samples and windows that were recorded; 0: not known */
};

/* What the parsers of both verbs do with all that is not their own options. */
error_t pair_parse(struct pair *pair, int key, char *value, const struct argp_child *children,
                   struct argp_state *state);

/* Reads both, once the parser filled the pair in.  pair_free also after a failure. */
bool pair_read(struct pair *pair, struct error *error);
void pair_free(struct pair *pair);

/* What they have in common, with the profiles' names: the pair must outlive it. */
bool pair_overlap(const struct pair *pair, struct overlap *overlap, struct error *error);

#endif
