/*
 * Files of bytes at known places, for the readers of this room; text_file.h is for lines.
 */
#ifndef ANALYZER_READ_BYTE_FILE_H
#define ANALYZER_READ_BYTE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct byte_file {
    const char *path; /* not owned */
    int descriptor;
    uint64_t size;       /* when it was opened */
    struct error *error; /* set where a function here returns false */
};

/*
 * Opens a regular file: ERROR_OPEN, ERROR_READ, or ERROR_NOT_RAW_PROFILE for anything
 * else.  byte_file_close where it returned true.
 */
bool byte_file_open(struct byte_file *file, const char *path, struct error *error);
void byte_file_close(struct byte_file *file);

/* Looks at the size anew, for a file that is still written to. */
bool byte_file_measure(struct byte_file *file);

/* Reads up to `wanted` bytes from that place on, *got of them: fewer only at the end. */
bool byte_file_read_part(const struct byte_file *file, uint64_t offset, void *buffer, size_t wanted,
                         size_t *got);

/* Reads all `size` bytes.  ERROR_RAW_TRUNCATED where the file ends before. */
bool byte_file_read(const struct byte_file *file, uint64_t offset, void *buffer, size_t size);

/* Sets ERROR_RAW_TRUNCATED: the file ends at byte `end`, that many bytes too early. */
bool byte_file_ends_early(const struct byte_file *file, uint64_t end, size_t missing);

/* Sets ERROR_RAW_GARBLED with the file, the offset and what is wrong there; returns false. */
bool byte_file_garbled(const struct byte_file *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
