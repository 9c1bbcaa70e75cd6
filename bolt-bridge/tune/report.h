/*
 * What a search found: which options mattered, and the winner beside the plain program and the
 * default layout.
 */
#ifndef BOLT_BRIDGE_TUNE_REPORT_H
#define BOLT_BRIDGE_TUNE_REPORT_H

#include <jansson.h>

#include "bolt-bridge/tune/tune.h"

void tune_report_print(const struct tune *tune);
json_t *tune_report_json(const struct tune *tune);

#endif
