/*
 * Memory as a window sees it: 64-byte lines that hold what was read from the
 * application and what the window stored, each byte with its own marks.  A
 * store never touches the application; a load finds earlier stores first.
 * Source of the idea: a write-back cache that is thrown away.
 */
#ifndef SHIM_CORE_LOOKAHEAD_LINES_H
#define SHIM_CORE_LOOKAHEAD_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/lookahead/registers.h"

#define LINE_SIZE 64u
#define LINE_SLOTS 512u /* a power of two */
#define LINES_MOST 384u /* lines in use that end the window */

struct line {
    uint64_t address; /* of its first byte */
    uint64_t known;   /* a bit a byte: it has been read or stored */
    uint64_t poison;  /* a bit a byte: an unknown value was stored */
    uint8_t bytes[LINE_SIZE];
};

struct lines {
    uint16_t slots[LINE_SLOTS]; /* number of a line + 1, by address; 0: empty */
    uint16_t used_slots[LINES_MOST];
    struct line line[LINES_MOST];
    uint32_t count;
    uint32_t fetches; /* checked reads of this window */
    /* The part of the thread's own stack that may be read directly: nobody can unmap it. */
    uint64_t stack_low, stack_high;
};

enum lines_result {
    LINES_DONE,
    LINES_FAULT, /* the application would fault here */
    LINES_FULL,
};

/* Empties the lines for a new window. */
void lines_begin(struct lines *lines, uint64_t stack_low, uint64_t stack_high);

/* Loads or stores 1 to 8 bytes, across lines where need be. */
enum lines_result lines_load(struct lines *lines, uint64_t address, unsigned size,
                             struct value *value);
enum lines_result lines_store(struct lines *lines, uint64_t address, unsigned size,
                              struct value value);

/* Makes `size` bytes (any number) unknown. */
enum lines_result lines_poison(struct lines *lines, uint64_t address, uint32_t size);

#endif
