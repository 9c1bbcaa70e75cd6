/*
 * The store: bounded tables in a shared mapping of the raw file
 * (include/pgoshim/raw.h).  Counts are added with atomic operations by any
 * number of threads and processes; nothing is ever locked, moved or finalised,
 * so the file on disk is complete at every instant.
 *
 * Tables are cascades: when the newest chunk of a kind has no room near a key's
 * hash, a chunk four times as large is added behind it.  Entries never move.
 *
 * store_open and store_close belong to the lifecycle; everything else may be
 * called in a signal handler.
 */
#ifndef SHIM_CORE_STORE_STORE_H
#define SHIM_CORE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pgoshim/raw.h"

struct store_request {
    const char *pattern; /* see pattern.h */
    uint64_t size_limit; /* bytes */
    uint64_t program_id; /* signature of the executable */
    const char *program; /* its absolute path */
    const char *command_line;
    const char *host;
    uint64_t period_ns;
    pid_t process; /* the one that is recorded; 0: this one */
};

/*
 * Makes the raw file (or joins one of the same executable, where the pattern
 * has a %m), with its disk space reserved and the header complete, before it
 * appears under its name.  Never replaces a file.  False: nothing was left
 * behind and `why` (`why_size` bytes) says what failed.
 */
bool store_open(const struct store_request *request, char *why, size_t why_size);

/* Path of the open file, absolute; "" where there is none. */
const char *store_path(void);

/* The mapped header; NULL before store_open succeeded. */
struct pgoraw_header *store_header(void);

/* No more system calls: the tables stay at the size they have. */
void store_stop_growing(void);

/* A process is here to stay with the file (+1, after fork) or leaves it (-1).  The last one to
 * leave removes a file without a sample in it. */
void store_process_enter(void);
void store_process_leave(void);

static inline void store_count(struct pgoraw_header *header, enum pgoraw_counter counter,
                               uint64_t amount)
{
    __atomic_fetch_add(&header->counters[counter], amount, __ATOMIC_RELAXED);
}

/* Asks the CPU for the memory that store_add_trace will look at. */
void store_prefetch_trace(uint64_t from, uint64_t to, uint32_t run_length);

/* Adds `count` to the trace (locations as in raw.h), and returns its entry, which never moves.
 * NULL: there is no room for it; that is counted as a drop. */
struct pgoraw_trace *store_add_trace(uint64_t from, uint64_t to, uint32_t run_length,
                                     uint64_t count);

/*
 * Adds one to the call stack `locations`, innermost frame first.  *callers is the
 * node of all but that one.  False: there is no room, which is counted as a drop.
 */
bool store_add_stack(const uint64_t *locations, size_t depth, uint32_t *callers);

/*
 * The number of the node with this place and caller (0: none), made where it is
 * new.  0: there is no room for it.
 */
uint32_t store_find_stack_node(uint32_t parent, uint64_t location);

/* The node of that number; NULL: there is none that this process knows. */
const struct pgoraw_stack_node *store_stack_node(uint32_t number);

/* What contexts may take of the file's limit: one in so many bytes; 0: all.  Before any sample. */
void store_limit_contexts(uint32_t share);

/*
 * Adds to a trace, which store_add_trace has returned, as it was taken under these
 * callers (a node's number, 0: none); `weighted` as in raw.h.  Returns the entry,
 * which never moves.  NULL: there is no room for it; that is counted.
 */
struct pgoraw_context *store_add_context(uint32_t callers, const struct pgoraw_trace *trace,
                                         uint64_t count, uint64_t weighted);

/*
 * The number of the module with this build-id and path (`module.state` is
 * ignored), added where it is new.  0: the table is full.
 */
uint32_t store_add_module(const struct pgoraw_module *module);

#endif
