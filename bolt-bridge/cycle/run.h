/*
 * The cycle as a whole: all its stages, the checklist, and what becomes of the candidate.
 */
#ifndef BOLT_BRIDGE_CYCLE_RUN_H
#define BOLT_BRIDGE_CYCLE_RUN_H

#include "bolt-bridge/cycle/checklist.h"
#include "bolt-bridge/cycle/cycle.h"

/* Runs all of it.  `cycle` begins as {0}; the caller frees it, also after a failure. */
bool cycle_run(struct cycle *cycle, const struct cycle_request *request,
               struct checklist *checklist, struct error *error);
void cycle_free(struct cycle *cycle);

#endif
