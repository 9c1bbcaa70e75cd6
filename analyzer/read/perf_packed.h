/*
 * The records that perf record -z compressed, uncompressed into a file without a name, so
 * that they can be read in the order of time like all others.  zstd makes one stream of all
 * of a recording's compressed records.
 */
#ifndef ANALYZER_READ_PERF_PACKED_H
#define ANALYZER_READ_PERF_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct perf_packed;

/* `path` is the recording's, for errors.  NULL with ERROR_MEMORY or ERROR_SYSTEM; free takes NULL.
 */
struct perf_packed *perf_packed_new(const char *path, struct error *error);
void perf_packed_free(struct perf_packed *packed);

/* Where its bytes are, by the offsets that perf_packed_next tells. */
int perf_packed_descriptor(const struct perf_packed *packed);

/* Adds the content of a record, which is at `offset` of the recording.  ERROR_RAW_GARBLED. */
bool perf_packed_add(struct perf_packed *packed, const uint8_t *bytes, size_t size, uint64_t offset,
                     struct error *error);

/*
 * The next whole record that is there, with its offset, or NULL.  Valid until
 * perf_packed_add.  *garbled: its size makes no sense.
 */
const uint8_t *perf_packed_next(struct perf_packed *packed, size_t *size, uint64_t *offset,
                                bool *garbled);

/* Whether a part of a record is left. */
bool perf_packed_is_over(const struct perf_packed *packed);

#endif
