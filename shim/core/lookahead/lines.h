/*
 * Memory as a window sees it: 64-byte lines that hold what was read from the
 * application and what the window stored, each byte with its own marks.  A
 * store never touches the application; a load finds earlier stores first.
 * The idea is a write-back cache that is thrown away.  Signal-safe.
 */
#ifndef SHIM_CORE_LOOKAHEAD_LINES_H
#define SHIM_CORE_LOOKAHEAD_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/lookahead/registers.h"
#include "shim/core/pages/pages.h"

#define LINE_SIZE 64u
#define LINE_SLOTS 1024u /* a power of two */
#define LINES_MOST 768u  /* lines in use that end the window */

struct memory_line {
    uint64_t address;             /* of its first byte */
    uint64_t known;               /* a bit a byte: it has been read or stored */
    uint64_t poison;              /* a bit a byte: an unknown value was stored */
    uint8_t bytes[LINE_SIZE + 8]; /* with room for 8 bytes at any place */
};

struct memory_lines {
    uint16_t slots[LINE_SLOTS]; /* number of a line + 1, by address; 0: empty */
    uint16_t used_slots[LINES_MOST];
    struct memory_line line[LINES_MOST];
    uint32_t count;
    uint32_t fetches;    /* checked reads of this window */
    struct pages *pages; /* what may be read without */
};

enum lines_result {
    LINES_DONE,
    LINES_FAULT, /* the application would fault here */
    LINES_FULL,
};

/* Marks of `size` bytes from `offset` on, within a line. */
static inline uint64_t line_mask(unsigned offset, unsigned size)
{
    return UINT64_MAX >> (64 - size) << offset;
}

static inline uint32_t line_slot(uint64_t address)
{
    return (uint32_t)((address / LINE_SIZE * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
}

/*
 * The bytes at `address` where all `size` of them (1 to 8) are in one line, at hand
 * and known; NULL where lines_load has to look closer.  May be read 8 bytes at once.
 */
static inline const uint8_t *lines_peek(const struct memory_lines *lines, uint64_t address,
                                        unsigned size)
{
    unsigned offset = (unsigned)(address % LINE_SIZE);
    uint16_t number = lines->slots[line_slot(address)];
    const struct memory_line *line = &lines->line[number ? number - 1 : 0];

    if (offset + size > LINE_SIZE || number == 0 || line->address != address - offset ||
        (line->known & ~line->poison & line_mask(offset, size)) != line_mask(offset, size))
        return NULL;
    return line->bytes + offset;
}

/* Empties the lines for a new window, for which `pages` has begun. */
void lines_begin(struct memory_lines *lines, struct pages *pages);

/* Loads or stores `size` bytes, 1 to 8, which may lie in two lines. */
enum lines_result lines_load(struct memory_lines *lines, uint64_t address, unsigned size,
                             struct value *value);
enum lines_result lines_store(struct memory_lines *lines, uint64_t address, unsigned size,
                              struct value value);

/* Makes `size` bytes (any number) unknown.  LINES_DONE or LINES_FULL. */
enum lines_result lines_poison(struct memory_lines *lines, uint64_t address, uint32_t size);

#endif
