/*
 * Which code belongs to which executable or shared object: an own snapshot of
 * the dynamic linker's list, readable without locks in a signal handler.
 *
 * dl_iterate_phdr is never called: the thread that a sample interrupts may hold
 * its lock.  The list is walked with checked reads instead, so that a change
 * under way can make the walk fail but never fault.  dlopen needs no wrapper:
 * the list's tail tells whether something was added.  dlmopen's namespaces have lists of their
 * own, which are walked as well.  After dlclose the
 * preloaded object calls modules_refresh.  libc closes objects by itself too (character sets, name
 * services), and others may come to lie where they were: what may be unloaded is asked once a
 * sample whether it is still itself.
 */
#ifndef SHIM_CORE_MODULES_MODULES_H
#define SHIM_CORE_MODULES_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loaded_module {
    uint64_t start, end;   /* run-time range of its loadable segments */
    uint64_t load_bias;    /* run-time minus link-time address */
    uint64_t unwind_table; /* run-time address of .eh_frame_hdr, or 0 */
    uint64_t unwind_table_size;
    uint32_t number; /* of its entry in the raw file */
};

/*
 * The path of the program that runs, also where the dynamic linker was started to run it
 * (ld.so PROGRAM); "" where it cannot be told.  Outside handlers.
 */
void modules_program_path(char *path, size_t size);

/*
 * First look, after the store is open.  `last_object`: the dynamic linker's entry of the last
 * object that the process began with, 0 where it is not known.  Signal-safe.
 */
void modules_start(uint64_t last_object);

/*
 * A sample begins, of the code at `address`: what may have been unloaded since the one before is
 * asked again.  Signal-safe.
 */
void modules_begin(uint64_t address);

/*
 * Looks again, and forgets what is gone.  False: another thread is at it, or the list is being
 * changed; nothing is forgotten then.  Signal-safe.
 */
bool modules_refresh(void);

/*
 * The module whose segments hold `address`, copied to `found`.  Looks for newly
 * loaded ones where the address is in none.  Signal-safe.
 */
bool modules_find(uint64_t address, struct loaded_module *found);

/*
 * Whether `address` is in an object that was loaded at the start: neither the
 * application nor the dynamic linker ever unmaps those.  Signal-safe.
 */
bool modules_hold_for_good(uint64_t address);

/* Goes up by one whenever a module is gone: what was learned from its code is void.  Signal-safe.
 */
uint32_t modules_generation(void);

/* In a forked child: a walk of the parent is not under way here. */
void modules_after_fork(void);

/* A location for the raw file; module 0 where the address is in no module.  Signal-safe. */
uint64_t modules_locate(uint64_t address);

#endif
