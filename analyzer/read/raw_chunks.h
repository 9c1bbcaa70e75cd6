/*
 * A raw profile as a container: the header, its directory, and the entries of its
 * chunks (include/pgoshim/raw.h), with sizes, places and overlaps checked.  What the
 * entries say is not known here.
 */
#ifndef ANALYZER_READ_RAW_CHUNKS_H
#define ANALYZER_READ_RAW_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/read/byte_file.h"
#include "include/pgoshim/raw.h"

struct raw_chunks {
    struct byte_file file; /* its size is that of when the header was read */
    struct pgoraw_header header;
    uint32_t entry_size; /* bytes of the entry being read */
};

/*
 * What is done with an entry.  `number` counts from 1 over all chunks of the kind,
 * `offset` is its place in the file; false ends the reading.
 */
typedef bool raw_entry_reader(void *reader_data, const uint8_t *entry, uint64_t number,
                              uint64_t offset);

/*
 * Opens the file and reads its header: errors as of struct reader.  raw_chunks_close
 * where it returned true.
 */
bool raw_chunks_open(struct raw_chunks *file, const char *path, struct error *error);
void raw_chunks_close(struct raw_chunks *file);

/*
 * Reads header and directory again, since a recording may go on.  The header is read
 * before the size: a live file's chunks are never beyond its end.
 */
bool raw_chunks_read_header(struct raw_chunks *file);

/* Calls the reader for each entry of the kind, but for those in holes.  False: a read failed. */
bool raw_chunks_read_kind(struct raw_chunks *file, uint32_t kind, raw_entry_reader *reader,
                          void *reader_data);

/* How many entries of the kind the directory has room for, filled in or not. */
uint64_t raw_chunks_entry_total(const struct raw_chunks *file, uint32_t kind);

#endif
