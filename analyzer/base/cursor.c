#include "analyzer/base/cursor.h"

#include <endian.h>
#include <string.h>

struct cursor cursor_over(const void *bytes, size_t size)
{
    return (struct cursor){bytes, bytes ? (const uint8_t *)bytes + size : bytes, false};
}

uint64_t cursor_fixed(struct cursor *cursor)
{
    uint64_t number;
    if ((size_t)(cursor->end - cursor->next) < sizeof(number)) {
        cursor->is_garbled = true;
        return 0;
    }
    memcpy(&number, cursor->next, sizeof(number));
    cursor->next += sizeof(number);
    return le64toh(number);
}

uint8_t cursor_byte(struct cursor *cursor)
{
    if (cursor->next == cursor->end) {
        cursor->is_garbled = true;
        return 0;
    }
    return *cursor->next++;
}

/* LEB128; `shift` is where the sign would be. */
static uint64_t take_bits(struct cursor *cursor, unsigned *shift, uint8_t *last)
{
    uint64_t number = 0;
    *shift = 0;
    do {
        *last = cursor_byte(cursor);
        if (*shift < 64)
            number |= (uint64_t)(*last & 0x7f) << *shift;
        *shift += 7;
        cursor->is_garbled = cursor->is_garbled || *shift > 70;
    } while (*last & 0x80 && !cursor->is_garbled);
    return number;
}

uint32_t cursor_number(struct cursor *cursor)
{
    unsigned shift;
    uint8_t last;
    uint64_t number = take_bits(cursor, &shift, &last);
    cursor->is_garbled = cursor->is_garbled || number > UINT32_MAX;
    return (uint32_t)number;
}

uint64_t cursor_wide(struct cursor *cursor)
{
    unsigned shift;
    uint8_t last;
    return take_bits(cursor, &shift, &last);
}

int64_t cursor_signed(struct cursor *cursor)
{
    unsigned shift;
    uint8_t last;
    uint64_t number = take_bits(cursor, &shift, &last);
    if (last & 0x40 && shift < 64)
        number |= UINT64_MAX << shift;
    return (int64_t)number;
}
