/*
 * What a cycle came to, as text, as JSON, and as Markdown for a comment on a change.
 */
#ifndef BOLT_BRIDGE_CYCLE_REPORT_H
#define BOLT_BRIDGE_CYCLE_REPORT_H

#include "bolt-bridge/cycle/checklist.h"
#include "bolt-bridge/cycle/cycle.h"

/* A stage's binary, and its rows: CPU time to the plain program's. */
struct report_stage {
    const char *name;
    const struct measure_row *row;  /* to the plain one; NULL: it is the plain one */
    const struct measure_row *step; /* to the stage before; NULL where that is the plain one */
    const char *file;
};

/* How many there are; 0: nothing was compared, or not all behave the same. */
size_t report_list_stages(const struct cycle *cycle, struct report_stage stages[MEASURE_SIDES]);

/* The table of each stage's gain, as text on standard output. */
void report_print_stages(const struct cycle *cycle);

bool report_print_json(const struct cycle *cycle, const struct checklist *checklist,
                       struct error *error);
void report_print_markdown(const struct cycle *cycle, const struct checklist *checklist);

#endif
