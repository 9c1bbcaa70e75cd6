/*
 * The store: bounded tables in a shared mapping of the raw file
 * (include/pgoshim/raw.h).  Counts are added with atomic operations by any
 * number of threads and processes; nothing is ever locked, moved or finalised,
 * so the file on disk is complete at every instant.
 *
 *   store.c    opening the file, joining it, leaving it
 *   tables.c   its tables: traces, call stacks, contexts, modules
 *   chunks.c   where a table's entries are, and how it gets more room
 *   counters.h what was done and dropped
 *   pattern.c  the name of the file
 *
 * All of it is signal-safe, unless it says otherwise.
 */
#ifndef SHIM_CORE_STORE_STORE_H
#define SHIM_CORE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "shim/core/store/counters.h"

struct store_request {
    const char *pattern; /* see pattern.h */
    uint64_t size_limit; /* bytes */
    uint64_t program_id; /* signature of the executable */
    const char *program; /* its absolute path */
    const char *command_line;
    const char *host;
    uint64_t period_ns;
    const char *temporary_directory; /* %t; NULL: /tmp */
    pid_t process;                   /* the one that is recorded; 0: this one */
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

/*
 * Before the file can be opened again no more (rights are lost, descriptors are not ours to open):
 * from here on it grows without that.
 * Its size becomes the limit at once, without disk space behind it.  Not for handlers.
 */
void store_grow_in_place(void);

/* No more system calls: the tables stay at the size they have.  Signal-safe. */
void store_stop_growing(void);

/*
 * A process stays with the file (after store_open, which says it itself, and in a forked child), or
 * leaves it.  The last one to leave removes a file without a sample.  The file must be open.  A
 * process that has not entered (a raw fork's or clone's child) leaves nothing.
 */
void store_process_enter(void);
void store_process_leave(void);

#endif
