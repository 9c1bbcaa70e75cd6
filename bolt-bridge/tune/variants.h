/*
 * The profiles that are tried: all recordings together, the same with corrected counts, and
 * each recording by itself where there are several.
 */
#ifndef BOLT_BRIDGE_TUNE_VARIANTS_H
#define BOLT_BRIDGE_TUNE_VARIANTS_H

#include "bolt-bridge/tune/tune.h"

/* Writes them as fdata.  Errors: those of the readers and of the fdata writer. */
bool variants_write(struct tune *tune, struct error *error);

#endif
