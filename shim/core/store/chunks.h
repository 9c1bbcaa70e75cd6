/*
 * Chunks of the raw file: how its tables find their entries and get more room.
 * For the store's own files and its tests.  All of it is signal-safe.
 */
#ifndef SHIM_CORE_STORE_CHUNKS_H
#define SHIM_CORE_STORE_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "pgoshim/raw.h"

/* A kind of table, as this process sees it.  `known` directory slots have been looked at. */
struct table {
    enum pgoraw_chunk_kind kind;
    uint32_t entry_size;
    uint32_t first_entries; /* entries of the first chunk; each later one has four times more */
    uint32_t share;         /* it may take one byte in `share` of the file's limit; 0: any */
    uint32_t chunk_count;
    uint32_t known;
    uint32_t growing; /* 1 while a thread of this process adds a chunk */
    struct table_chunk {
        uint8_t *entries;
        uint64_t entry_count;
        uint32_t first_number; /* entries in the chunks before it */
    } chunks[PGORAW_MAX_CHUNKS];
};

/* Where the file is mapped, and how to grow it. */
struct store_mapping {
    struct pgoraw_header *header;
    uint8_t *base;
    char path[1400];
    uint64_t device, inode; /* of the file: the path is not trusted to name it for ever */
    int process;            /* that entered: a copy of it that no fork handler saw is another */
    bool fixed_size;
    bool grows_in_place; /* its size is the limit: only disk space is wanting */
};
extern struct store_mapping store_mapping;

/* Takes up the chunks that others have added.  Cheap where there are none. */
void table_update(struct table *table);

/* Adds a chunk.  False: no room, cannot grow, or another thread is at it (already counted). */
bool table_grow(struct table *table);

/* Opens the file again, by name since no descriptor is kept, and makes sure that it is still ours.
 * Between descriptors_begin and descriptors_end.  Returns the descriptor, or a negative errno
 * value.
 */
long store_reopen(void);

/* Whether `descriptor` is open and of the file.  Signal-safe. */
bool store_is_file_of(long descriptor);

/*
 * Gives the file of `descriptor` its largest size, without disk space; from then on the kernel can
 * be asked for that page by page (MADV_POPULATE_WRITE, since Linux 5.14).  False: it cannot.
 */
bool store_extend(long descriptor);

/* Notes that disk space is behind `size` bytes; others may have reserved more. */
void store_note_reserved(uint64_t size);

/* Reserves disk space so that `size` bytes may be touched.  0 or a negative errno value. */
int store_reserve(uint64_t size);

/*
 * Entry protocol: claim (EMPTY -> BUSY), fill in, publish (-> READY).  An entry
 * that stays BUSY because its writer died is skipped by everyone.
 */
static inline bool entry_claim(uint32_t *state)
{
    uint32_t empty = PGORAW_EMPTY;
    return __atomic_compare_exchange_n(state, &empty, PGORAW_BUSY, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static inline void entry_publish(uint32_t *state)
{
    __atomic_store_n(state, PGORAW_READY, __ATOMIC_RELEASE);
}

static inline uint32_t entry_state(const uint32_t *state)
{
    return __atomic_load_n(state, __ATOMIC_ACQUIRE);
}

static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 32);
}

#endif
