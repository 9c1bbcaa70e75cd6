/* A report as people read it. */
#ifndef ANALYZER_VERBS_REPORT_TEXT_H
#define ANALYZER_VERBS_REPORT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/verbs/report_view.h"

bool report_print(const struct report *report, FILE *stream, struct error *error);

#endif
