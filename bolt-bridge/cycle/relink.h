/* The stage that runs llvm-bolt: what the working directory keeps of its result. */
#ifndef BOLT_BRIDGE_CYCLE_RELINK_H
#define BOLT_BRIDGE_CYCLE_RELINK_H

#include <jansson.h>
#include <stdbool.h>

#include "bolt-bridge/toolchain/relink.h"

/* A new reference; NULL where memory is short. */
json_t *cycle_relink_pack(const struct relink_result *result);

/* False where the object is not one. */
bool cycle_relink_unpack(const json_t *object, struct relink_result *result);

#endif
