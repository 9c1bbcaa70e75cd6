#include "analyzer/base/protobuf.h"

#include <assert.h>

/* How the rest of a field is written: the low bits of its first number. */
enum { WIRE_NUMBER = 0, WIRE_BYTES = 2, WIRE_BITS = 3 };

#define LONGEST_VARINT 10

void protobuf_put_varint(FILE *stream, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        fputc((int)(value & 0x7f) | 0x80, stream);
    fputc((int)value, stream);
}

void protobuf_put_number(FILE *stream, unsigned field, uint64_t value)
{
    protobuf_put_varint(stream, field << WIRE_BITS | WIRE_NUMBER);
    protobuf_put_varint(stream, value);
}

void protobuf_put_bytes(FILE *stream, unsigned field, const void *bytes, size_t size)
{
    protobuf_put_varint(stream, field << WIRE_BITS | WIRE_BYTES);
    protobuf_put_varint(stream, size);
    fwrite(bytes, 1, size, stream);
}

void protobuf_part_number(struct protobuf_part *part, unsigned field, uint64_t value)
{
    assert(field < 16 && part->size + 1 + LONGEST_VARINT <= sizeof(part->bytes));
    part->bytes[part->size++] = (uint8_t)(field << WIRE_BITS | WIRE_NUMBER);
    for (; value >= 0x80; value >>= 7)
        part->bytes[part->size++] = (uint8_t)(value | 0x80);
    part->bytes[part->size++] = (uint8_t)value;
}

void protobuf_put_part(FILE *stream, unsigned field, const struct protobuf_part *part)
{
    protobuf_put_bytes(stream, field, part->bytes, part->size);
}
