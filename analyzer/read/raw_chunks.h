/*
 * A raw profile as a container: the header, its directory, and the entries of its
 * chunks (include/pgoshim/raw.h), with sizes, places and overlaps checked.  What the
 * entries say is raw.c's concern, which alone calls this.
 */
#ifndef ANALYZER_READ_RAW_CHUNKS_H
#define ANALYZER_READ_RAW_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "include/pgoshim/raw.h"

struct raw_chunks {
    const char *path; /* not owned */
    int descriptor;
    uint64_t size; /* bytes of the file when the header was read */
    struct pgoraw_header header;
    uint32_t entry_size; /* bytes of the entry being read */
    struct error *error; /* set where a function here returns false */
};

/*
 * What is done with an entry.  `number` counts from 1 over all chunks of the kind,
 * `offset` is its place in the file; false ends the reading.
 */
typedef bool raw_entry_reader(void *reader_data, const uint8_t *entry, uint64_t number,
                              uint64_t offset);

/*
 * Opens the file and reads its header: errors as of profile_read_raw.  raw_chunks_close
 * where it returned true.
 */
bool raw_chunks_open(struct raw_chunks *file, const char *path, struct error *error);
void raw_chunks_close(struct raw_chunks *file);

/*
 * Reads header and directory anew, for a recording may go on meanwhile.  The header comes
 * before the size: a live file's chunks are never beyond its end.
 */
bool raw_chunks_read_header(struct raw_chunks *file);

/* Calls the reader for each entry of the kind, but for those in holes.  False: a read failed. */
bool raw_chunks_read_kind(struct raw_chunks *file, uint32_t kind, raw_entry_reader *reader,
                          void *reader_data);

/* How many entries of the kind the directory has room for, filled in or not. */
uint64_t raw_chunks_entry_total(const struct raw_chunks *file, uint32_t kind);

/* Sets ERROR_RAW_GARBLED with the file, the offset and what is wrong there; returns false. */
bool raw_chunks_garbled(struct raw_chunks *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
