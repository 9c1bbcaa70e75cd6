/*
 * Reading numbers from bytes that are not trusted: nothing is read past the end,
 * and the reader looks once, at the end of a record, whether all went well.
 */
#ifndef ANALYZER_BASE_CURSOR_H
#define ANALYZER_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const uint8_t *next;
    const uint8_t *end;
    bool is_garbled; /* went past the end, or a number was too large: believe nothing of it */
};

struct cursor cursor_over(const void *bytes, size_t size);

uint8_t cursor_byte(struct cursor *cursor);
uint64_t cursor_fixed(struct cursor *cursor);  /* 8 bytes, the lowest first */
uint32_t cursor_number(struct cursor *cursor); /* ULEB128 */
uint64_t cursor_wide(struct cursor *cursor);   /* ULEB128 of up to 64 bits */
int64_t cursor_signed(struct cursor *cursor);  /* SLEB128 */

#endif
