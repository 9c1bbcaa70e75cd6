/*
 * What a program says to its user, on standard error, one line each:
 *
 *     pgo-analyze: app.pgoraw is cut short: 4096 of 8192 header bytes
 *       remedy: copy it again whole, or record again
 *
 * Colour only where standard error is a terminal and NO_COLOR is not set.
 * Verbs and main functions say; libraries return errors instead.
 */
#ifndef ANALYZER_BASE_MESSAGE_H
#define ANALYZER_BASE_MESSAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"

/* The name that every line starts with.  `program` must outlive all calls. */
void message_set_program(const char *program);
/* 0 says only errors and warnings, 1 adds notes (the default), 2 adds details (-v). */
void message_set_verbosity(int verbosity);
int message_verbosity(void);

void message_error(const struct error *error);
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `status`; where what was printed could not be written, that is said, and the status is that. */
int message_finish_output(int status);

/* Whether `stream` is a terminal that may be written to in colour. */
bool message_colour(FILE *stream);

/*
 * A progress line, shown only at a terminal and only once the work has taken
 * more than a second.  `total` 0: unknown.  message_progress_end wipes it.
 */
void message_progress(const char *what, unsigned long long done, unsigned long long total);
void message_progress_text(const char *text); /* the same in other words */
void message_progress_end(void);

#endif
