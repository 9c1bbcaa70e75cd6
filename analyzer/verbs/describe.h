/*
 * What is in a profile, as text for people.
 */
#ifndef ANALYZER_VERBS_DESCRIBE_H
#define ANALYZER_VERBS_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"

const char *sampler_text(uint32_t sampler);             /* enum pgoraw_sampler */
const char *branch_source_text(uint32_t branch_source); /* enum pgoraw_branch_source */

/* What a counter counts (enum pgoraw_counter), or NULL where the number means nothing yet. */
const char *counter_text(unsigned counter);
/* Whether it counts what was lost. */
bool counter_is_drop(unsigned counter);

/*
 * Writes "function+0x1f" into `text`, or the file's name and the address where no
 * function is known.  Returns `text`; it is fit for a terminal.
 */
char *location_text(struct location location, const struct profile *profile,
                    struct binaries *binaries, bool demangled, char *text, size_t size);

/* The file name of a module, or "outside" for code of no module.  Fit for a terminal. */
char *module_text(uint32_t module, const struct profile *profile, char *text, size_t size);

/* `part` of `whole` in percent; 0 where there is no whole. */
double percent(uint64_t part, uint64_t whole);

/* The time as "2026-01-31 12:00:00 UTC"; returns `text`. */
char *time_text(uint64_t nanoseconds, char text[40]);

/*
 * "label  text", as wide as every line of the two verbs' headers; further lines
 * of the text are set under the first.  Nothing is printed where it is empty.
 */
void print_fact(FILE *stream, const char *label, const char *text);

#endif
