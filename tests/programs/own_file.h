/*
 * For programs that are recorded: the file that they are recorded in, which PGOSHIM_FILE names.
 */
#ifndef TESTS_PROGRAMS_OWN_FILE_H
#define TESTS_PROGRAMS_OWN_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pgoshim/raw.h"

/* Its header, as it is while samples are taken; NULL: there is no file. */
static inline const struct pgoraw_header *own_file_map(void)
{
    int descriptor = open(getenv("PGOSHIM_FILE"), O_RDONLY);
    void *header = MAP_FAILED;

    if (descriptor >= 0)
        header = mmap(NULL, PGORAW_HEADER_SIZE, PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    return header == MAP_FAILED ? NULL : header;
}

/* A counter of it, by PGORAW_COUNT_... */
static inline uint64_t own_file_counter(const struct pgoraw_header *header, unsigned counter)
{
    return __atomic_load_n(&header->counters[counter], __ATOMIC_RELAXED);
}

#endif
