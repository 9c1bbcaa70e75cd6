/*
 * Where mappings of ours go.
 *
 * The kernel puts a mapping into the first hole that is large enough, which may be one that the
 * program has just made and counts on (mincore, MAP_FIXED_NOREPLACE).  So those of ours go into an
 * area far from where the kernel puts anything by its own choice.  The area is not reserved: each
 * place is asked for without replacing what is there, and where there is none, or no area, the
 * kernel chooses.
 */
#ifndef SHIM_CORE_GROUND_PLACES_H
#define SHIM_CORE_GROUND_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An area for what an object of ours maps, by an address at which the dynamic linker has put one;
 * each number is an area of its own.  0: there is no such area.
 */
uint64_t places_area(const void *near, unsigned number);

/* From here on mappings of this object go there. */
void places_use(uint64_t area);

/* Whether the address is in one of the areas from that of this object on.  Signal-safe. */
bool places_hold(uint64_t address);

/* As mmap(2), at an address of our choice; a negative errno value.  Signal-safe. */
long places_map(size_t length, int protection, int flags, int descriptor);

/* `length` bytes of memory, private and zeroed.  NULL: there are none.  Signal-safe. */
void *places_map_memory(size_t length);

#endif
