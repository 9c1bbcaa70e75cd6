/* Recording from outside: programs that already run, and those that nothing can be preloaded into.
 */
#ifndef SHIM_RECORD_OUTSIDE_H
#define SHIM_RECORD_OUTSIDE_H

#include "shim/outside/relay.h"
#include "shim/record/options.h"
#include "shim/record/reasons.h"

/* Runs the command to its end.  Returns the exit status to pass on; `relay` tells how it ended. */
int outside_run(const struct record_options *options, const char *program, struct relay *relay);

/* Records `options->processes` until they end, the time is over, or Ctrl-C.  Returns our status. */
int outside_attach(const struct record_options *options, struct outcome *outcome);

#endif
