/*
 * What a cycle came to, as text, as JSON, and as Markdown for a comment on a change.
 */
#ifndef BOLT_BRIDGE_CYCLE_REPORT_H
#define BOLT_BRIDGE_CYCLE_REPORT_H

#include "bolt-bridge/cycle/checklist.h"
#include "bolt-bridge/cycle/cycle.h"

/* The table of each stage's gain, as text on standard output. */
void report_print_stages(const struct cycle *cycle);

bool report_print_json(const struct cycle *cycle, const struct checklist *checklist,
                       struct error *error);
void report_print_markdown(const struct cycle *cycle, const struct checklist *checklist);

#endif
