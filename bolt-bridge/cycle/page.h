/*
 * What a cycle came to as one HTML page, to be attached to a change: what was recorded and made,
 * what the comparison showed, and the checklist.  The parts are those of analyzer/write/html.
 */
#ifndef BOLT_BRIDGE_CYCLE_PAGE_H
#define BOLT_BRIDGE_CYCLE_PAGE_H

#include <stdio.h>

#include "bolt-bridge/cycle/checklist.h"
#include "bolt-bridge/cycle/cycle.h"

/* The same cycle gives the same page. */
void cycle_page_write(const struct cycle *cycle, const struct checklist *checklist, FILE *stream);

/*
 * Writes it to request->page, over what is there where cycle->replaces_page.  Errors: those of
 * output_write_file.
 */
bool cycle_page_make(const struct cycle *cycle, const struct checklist *checklist,
                     struct error *error);

#endif
