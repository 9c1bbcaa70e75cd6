/* A report as JSON; docs/json.md has its schema. */
#ifndef ANALYZER_VERBS_REPORT_JSON_H
#define ANALYZER_VERBS_REPORT_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/verbs/report_view.h"

bool report_print_json(const struct report *report, FILE *stream, struct error *error);

#endif
