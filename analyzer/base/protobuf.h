/*
 * Writing messages of Protocol Buffers ("Encoding" in its documentation): fields that are
 * numbers, or bytes with their length before them.  That is all that our formats have, and
 * less than what a library would add to the build.
 */
#ifndef ANALYZER_BASE_PROTOBUF_H
#define ANALYZER_BASE_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A number of 1 to 10 bytes, the lowest 7 bits first (ULEB128). */
void protobuf_put_varint(FILE *stream, uint64_t value);

/* Fields; the caller looks for errors of the stream at the end. */
void protobuf_put_number(FILE *stream, unsigned field, uint64_t value);
void protobuf_put_bytes(FILE *stream, unsigned field, const void *bytes, size_t size);

/*
 * A message inside the message, of a few numbers: its length comes first, so it is made before
 * it is written.  Begins as {0}.
 */
struct protobuf_part {
    uint8_t bytes[160];
    size_t size;
};

/* Adds a field with a number below 16. */
void protobuf_part_number(struct protobuf_part *part, unsigned field, uint64_t value);
void protobuf_put_part(FILE *stream, unsigned field, const struct protobuf_part *part);

#endif
