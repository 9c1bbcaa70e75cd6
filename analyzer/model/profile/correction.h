/*
 * Corrected counts.  Samples come by time, so raw counts are high where code is
 * slow; the recorder therefore keeps a weight for each window (docs/lookahead.md,
 * Counts), and a profile has both: raw counts, and what the weights add to them.
 * Layout wants raw counts, consumers of hotness want how often code ran.
 */
#ifndef ANALYZER_MODEL_PROFILE_CORRECTION_H
#define ANALYZER_MODEL_PROFILE_CORRECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/model/profile/profile.h"

enum correction_wanted { CORRECTION_AUTO, CORRECTION_RAW, CORRECTION_CORRECTED };

/* The one that `text` names: auto, raw, corrected.  False: none. */
bool correction_parse(const char *text, enum correction_wanted *wanted);

/* A trace's correction from the sum of weights in the file, and the other way round. */
int64_t correction_from_weights(uint64_t count, uint64_t weighted);
uint64_t correction_to_weights(uint64_t count, int64_t correction);

/* Whether there are any weights in the profile but ones. */
bool correction_is_known(const struct profile *profile);

/* Whether the weights of at least half of the windows rest on PGORAW_WEIGHED_AFTER others. */
bool correction_is_sound(const struct profile *profile);

/*
 * The same in words, for people: "12,000 of 16,000 windows weighed by 4,000 or
 * more before them".  Returns `text`.
 */
#define CORRECTION_TEXT 128
const char *correction_text(const struct profile *profile, char text[CORRECTION_TEXT]);

/* Counts become corrected counts, by callers too, whole and at least 1 where they were. */
void correction_apply(struct profile *profile);

#endif
