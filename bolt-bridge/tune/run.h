/*
 * The whole of pgo-bolt tune: the search, the proof, and the file that is handed over.
 */
#ifndef BOLT_BRIDGE_TUNE_RUN_H
#define BOLT_BRIDGE_TUNE_RUN_H

#include "bolt-bridge/tune/tune.h"

/*
 * Searches, compares, and writes the output.  Errors: those of relink_write for the default
 * layout, of the counting, ERROR_WORKLOAD_FAILED, ERROR_USAGE for a server.
 */
bool tune_run(struct tune *tune, const struct tune_request *request, struct error *error);
void tune_free(struct tune *tune);

#endif
