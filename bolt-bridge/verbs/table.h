/*
 * The tables of compare and cycle: how a measurement is shown to people and
 * to machines.  Used by the verbs.
 */
#ifndef BOLT_BRIDGE_VERBS_TABLE_H
#define BOLT_BRIDGE_VERBS_TABLE_H

#include <jansson.h>

#include "bolt-bridge/process/measure.h"

/* The rows of a report on standard output; `files` may be NULL (not two binaries). */
void table_print(const struct measure_request *request, const struct measure_report *report,
                 const char *const files[MEASURE_SIDES]);

/* The same as JSON (a new reference; NULL where memory is out). */
json_t *table_json(const struct measure_request *request, const struct measure_report *report,
                   const char *const files[MEASURE_SIDES]);

/* Says the number of runs that are done on a progress line. */
void table_progress(size_t done, size_t total);

#endif
