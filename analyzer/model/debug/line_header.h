/*
 * The header of a unit's line table (.debug_line of DWARF 2 to 5, "The Line Number Program
 * Header", DWARF 5, 6.2.4), and the names of its files.  The bytes are not trusted.
 */
#ifndef ANALYZER_MODEL_DEBUG_LINE_HEADER_H
#define ANALYZER_MODEL_DEBUG_LINE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/cursor.h"
#include "analyzer/model/binary/section_bytes.h"

struct line_header {
    unsigned version;
    unsigned offset_size; /* 4, or 8 in the 64-bit form */
    uint8_t smallest_instruction;
    uint8_t operations; /* in one instruction: 1 but for VLIW */
    int8_t line_base;
    uint8_t line_range;
    uint8_t opcode_base;
    const uint8_t *operand_counts; /* of the standard opcodes from 1 on */
    struct cursor names;           /* the tables of directories and files */
};

/*
 * Reads the header that begins at `cursor`, which is left at the line number program and cut to
 * its end.  Returns NULL, or why it makes no sense.
 */
const char *line_header_read(struct line_header *header, struct cursor *cursor);

/* Of strings that are not in the table itself; empty where the file has no such section. */
struct line_strings {
    struct section_bytes line_strings; /* .debug_line_str */
    struct section_bytes strings;      /* .debug_str */
};

/* Both end with a zero and lie in the sections. */
struct line_file {
    const char *directory; /* NULL: the one that the unit was compiled in */
    const char *name;
};

/* The file of that number, which counts from 0 in DWARF 5 and from 1 before; false: not there. */
bool line_header_file(const struct line_header *header, const struct line_strings *strings,
                      uint64_t number, struct line_file *file);

#endif
