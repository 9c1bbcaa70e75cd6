/*
 * Lines of source files, for people to see beside what was counted.  Files are looked for where
 * the debug information says, then in directories that were given.
 */
#ifndef ANALYZER_MODEL_VIEW_SOURCE_TEXT_H
#define ANALYZER_MODEL_VIEW_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/view/source_places.h"

struct source_texts;

/*
 * `directories`: more places to look in, ended by NULL: there, each end of the path that begins
 * behind a slash is tried, the longest first.  NULL with ERROR_MEMORY.  Free takes NULL.
 */
struct source_texts *source_texts_new(const char *const *directories, struct error *error);
void source_texts_free(struct source_texts *texts);

/*
 * The text of a line, without its end and with tabs as blanks, fit for a terminal, in `text`;
 * NULL where the file or the line is not there.
 */
const char *source_texts_line(struct source_texts *texts, struct source_place place, char *text,
                              size_t size);

/* How many of the files that were asked for were not there, and the first of them. */
size_t source_texts_missing(const struct source_texts *texts, const char **first);

#endif
