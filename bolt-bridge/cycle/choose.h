/*
 * `cycle --as=auto`: builds with each kind of profile, and BOLT on each of them, counted on the
 * workloads.
 */
#ifndef BOLT_BRIDGE_CYCLE_CHOOSE_H
#define BOLT_BRIDGE_CYCLE_CHOOSE_H

#include "bolt-bridge/cycle/cycle.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Leaves the best build where the build command puts it.  Where that is best after BOLT, the
 * relinked one is at cycle->relinked, and cycle->has_relinked says so.  Errors: those of
 * choice_make().
 */
bool cycle_choose(struct cycle *cycle, const struct rebuild_request *rebuild, struct error *error);

#endif
