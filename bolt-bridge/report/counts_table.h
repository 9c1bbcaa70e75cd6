/*
 * Counts of two programs as a table, as JSON and in Markdown.
 */
#ifndef BOLT_BRIDGE_REPORT_COUNTS_TABLE_H
#define BOLT_BRIDGE_REPORT_COUNTS_TABLE_H

#include <jansson.h>

#include "bolt-bridge/counting/sides.h"

/* On standard output; `letter` is the compared side's. */
void counts_table_print(const struct measure_request *request,
                        const struct count_comparison *comparison, const char *letter);
void counts_table_markdown(const struct measure_request *request,
                           const struct count_comparison *comparison);

/* {"counted_by", "counts": [...], "ratios", "verdict"}: a new reference. */
json_t *counts_table_json(const struct measure_request *request,
                          const struct count_comparison *comparison);

/* What the source counts, each under its key: a new reference. */
json_t *counts_table_counts(enum count_source source, const struct counts *counts);

/* The other side's to A's; 1 where A has none. */
double counts_table_ratio(const struct count_pair *pair, enum count_kind kind);

/* The key of a count in JSON. */
const char *counts_table_key(enum count_kind kind);

#endif
