/*
 * The counters in the header of the raw file: what was done, and what was dropped and why.
 * Signal-safe.
 */
#ifndef SHIM_CORE_STORE_COUNTERS_H
#define SHIM_CORE_STORE_COUNTERS_H

#include <stdint.h>

#include "pgoshim/raw.h"

static inline void store_count(struct pgoraw_header *header, enum pgoraw_counter counter,
                               uint64_t amount)
{
    __atomic_fetch_add(&header->counters[counter], amount, __ATOMIC_RELAXED);
}

#endif
