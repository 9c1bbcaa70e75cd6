/*
 * Successive halving: all single changes on the shortest workload, then what the best of them
 * make together; the better half on all workloads; the best on those held out.
 */
#ifndef BOLT_BRIDGE_TUNE_SEARCH_H
#define BOLT_BRIDGE_TUNE_SEARCH_H

#include "bolt-bridge/tune/tune.h"

/*
 * Fills in the trials, and tune->winner: 0 where nothing beats the default.  The plain program is
 * counted already.  Ends early, with what there is, where the time is up.
 */
bool search_run(struct tune *tune, struct error *error);

#endif
