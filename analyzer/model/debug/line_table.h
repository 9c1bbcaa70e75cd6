/*
 * The line table of one unit of debug information (.debug_line of DWARF 2 to 5, "Line
 * Number Information", DWARF 5, 6.2): which line, column and discriminator an
 * address is on.  Names of files are not read, and rows only where they are wanted: the table of a
 * unit is often larger than the code of those functions in it that ran.
 */
#ifndef ANALYZER_MODEL_DEBUG_LINE_TABLE_H
#define ANALYZER_MODEL_DEBUG_LINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/address_ranges.h"

struct line_row {
    uint64_t address;
    uint32_t line; /* 0: of no line, and behind the end of a sequence */
    uint32_t discriminator;
    uint32_t column; /* 0: not told */
};

/* Rows whose addresses only go up: a run of code that the compiler made in one piece. */
struct line_sequence {
    uint64_t start;
    uint64_t end; /* first byte past it */
    size_t first; /* row */
    size_t count; /* of rows */
};

/*
 * Begins as {0}, or with `has_columns`: without, all columns are 0, and rows that differ in nothing
 * else are one.
 */
struct line_table {
    bool has_columns;
    struct line_row *rows;
    size_t row_count, row_capacity;
    struct line_sequence *sequences; /* by start */
    size_t sequence_count, sequence_capacity;
};

/*
 * Reads the table at `offset` of the section .debug_line of `size` bytes, as far
 * as it is about `wanted`.  False with *reason NULL: no memory, `error` says so;
 * else the table makes no sense, and the reason says why.
 */
bool line_table_read(struct line_table *table, const uint8_t *section, size_t size, uint64_t offset,
                     const struct address_ranges *wanted, const char **reason, struct error *error);

/* Takes one that is {0}, too. */
void line_table_free(struct line_table *table);

/*
 * The row that the address is on, or NULL where there is none.  What holds at the
 * address holds until *until.
 */
const struct line_row *line_table_at(const struct line_table *table, uint64_t address,
                                     uint64_t *until);

#endif
