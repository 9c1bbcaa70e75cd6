/*
 * The branch sources that there are (thread/source.h says what each offers).  One of them serves
 * the whole process.
 */
#ifndef SHIM_CORE_BRANCH_SOURCES_H
#define SHIM_CORE_BRANCH_SOURCES_H

#include "shim/core/thread/source.h"

extern const struct branch_source branch_source_hardware;  /* the CPU's own branch stack */
extern const struct branch_source branch_source_lookahead; /* emulation from the registers */
extern const struct branch_source branch_source_step;      /* single-stepping: exact, and dear */
extern const struct branch_source branch_source_compare;   /* a test of look-ahead */
extern const struct branch_source branch_source_off;       /* the sampled address alone */

#endif
