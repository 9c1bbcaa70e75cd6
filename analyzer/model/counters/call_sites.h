/*
 * Where functions are called from, for what the blocks that call know of how often they are
 * entered.
 */
#ifndef ANALYZER_MODEL_COUNTERS_CALL_SITES_H
#define ANALYZER_MODEL_COUNTERS_CALL_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/ir/ir_program.h"

struct call_sites;

/* The program must outlive it.  NULL with ERROR_MEMORY; call_sites_free takes NULL. */
struct call_sites *call_sites_new(const struct ir_program *program, struct error *error);
void call_sites_free(struct call_sites *sites);

/* Numbers of all functions, each behind those that call it, but for what calls in circles. */
const uint32_t *call_sites_order(const struct call_sites *sites);

/* A call by name. */
struct named_call {
    uint32_t call;  /* number in the program */
    uint32_t block; /* likewise */
};

/*
 * Calls of a function, but for those in itself: `*count` of them, 0 of a name that several
 * functions have.
 */
const struct named_call *call_sites_of(const struct call_sites *sites, uint32_t function,
                                       size_t *count);

#endif
