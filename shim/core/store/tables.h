/*
 * The tables of the raw file (include/pgoshim/raw.h): traces, call stacks, contexts, modules.
 *
 * Tables are cascades: when the newest chunk of a kind has no room near a key's
 * hash, a chunk four times as large is added behind it.  Entries never move.
 * All of it is signal-safe, but for tables_open; the store must be open.
 */
#ifndef SHIM_CORE_STORE_TABLES_H
#define SHIM_CORE_STORE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgoshim/raw.h"

/* Asks the CPU for the memory that store_add_trace will look at.  Arguments as there. */
void store_prefetch_trace(uint64_t from, uint64_t to, uint32_t run_length);

/*
 * Adds `count` to the trace from a branch at `from` to `to` and the range of `run_length` bytes
 * after it (locations, and PGORAW_NO_RUN, as in raw.h).  Returns its entry, which never moves.
 * NULL: there is no room, which is counted as a drop.
 */
struct pgoraw_trace *store_add_trace(uint64_t from, uint64_t to, uint32_t run_length,
                                     uint64_t count);

/*
 * Adds one to the call stack of `depth` locations, innermost frame first.  *callers becomes the
 * node of all but that frame.  False: there is no room, which is counted as a drop, or no frame.
 */
bool store_add_stack(const uint64_t *locations, size_t depth, uint32_t *callers);

/*
 * The number of the node with this location and caller (`parent`, a number; 0: none), made where it
 * is new.  0: there is no room.
 */
uint32_t store_find_stack_node(uint32_t parent, uint64_t location);

/* The node of that number.  NULL: this process knows none, or 0. */
const struct pgoraw_stack_node *store_stack_node(uint32_t number);

/* Contexts may take one byte in `share` of the file's limit; 0: any.  Before the first sample. */
void store_limit_contexts(uint32_t share);

/*
 * Adds `count` and `weighted` (as in raw.h) to the context of `trace`, an entry that
 * store_add_trace returned, under these callers (a node's number; 0: none).  Returns the context's
 * entry, which never moves.  NULL: there is no room, which is counted.
 */
struct pgoraw_context *store_add_context(uint32_t callers, const struct pgoraw_trace *trace,
                                         uint64_t count, uint64_t weighted);

/*
 * The number of the module with this build-id and path (`module.state` is
 * ignored), added where it is new.  0: the table is full.
 */
uint32_t store_add_module(const struct pgoraw_module *module);

/* --- for store.c ------------------------------------------------------------ */

/* Takes up the tables of the mapped file, adding the first chunks where it is new.  False: no room.
 */
bool tables_open(void);

/* In a forked child: what other threads of the parent were doing to the tables is not done here. */
void tables_after_fork(void);

#endif
