/*
 * A candidate: one pick from each axis and a profile.  The default has pick 0 everywhere.
 */
#ifndef BOLT_BRIDGE_TUNE_CANDIDATE_H
#define BOLT_BRIDGE_TUNE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bolt-bridge/tune/choices.h"

#define CANDIDATE_OPTIONS (TUNE_AXES * TUNE_OPTIONS)

struct candidate {
    unsigned char picks[TUNE_AXES];
    unsigned char profile; /* index of a profile variant */
};

bool candidate_same(const struct candidate *left, const struct candidate *right);

/* The options for llvm-bolt, borrowed; their number. */
size_t candidate_options(const struct candidate *candidate, const char *options[CANDIDATE_OPTIONS]);

/* "-jump-tables=move -icf=safe, profile corrected"; "the default".  Fills `text`. */
void candidate_text(const struct candidate *candidate, const char *const *profile_names, char *text,
                    size_t size);

/* Takes from `from` all that is not the default there. */
void candidate_add(struct candidate *candidate, const struct candidate *from);

#endif
