/*
 * The tables of compare and cycle: how a measurement is shown to people, to
 * machines, and in a comment on a change.
 */
#ifndef BOLT_BRIDGE_REPORT_TABLE_H
#define BOLT_BRIDGE_REPORT_TABLE_H

#include <jansson.h>

#include "bolt-bridge/process/measure.h"

/* The rows of a report on standard output; `files` may be NULL (not binaries). */
void table_print(const struct measure_request *request, const struct measure_report *report,
                 const char *const *files);

/* The same as JSON (a new reference; NULL where memory is out). */
json_t *table_json(const struct measure_request *request, const struct measure_report *report,
                   const char *const *files);

/* The same as a table in Markdown, on standard output. */
void table_markdown(const struct measure_request *request, const struct measure_report *report,
                    const char *const *files);

/* What a user should know about the measurement before he trusts it, on standard error. */
void table_warn(const struct measure_request *request, const struct measure_report *report);

/* On standard error: a workload (`name` may be NULL) that fails, and with which words. */
void table_warn_exit_status(const char *name, const struct measure_figures *figures);

/* "faster by 3.2 % (1.1 to 5.3 %)", "no difference (0.4 % slower, ...)".  Fills `text`. */
void table_sentence(const struct measure_row *row, char *text, size_t size);

/* "below the noise", or the verdict's word. */
const char *table_verdict(const struct measure_row *row);

/* A letter for a side: "A". */
const char *table_letter(enum measure_side side);

/* "round 7, B/A 0.97 ± 0.04, at most 11 s left".  Fills `text`, and returns it. */
char *table_progress_text(const struct measure_progress *progress, char *text, size_t size);

/* Says that on a progress line. */
void table_progress(const struct measure_progress *progress);

#endif
