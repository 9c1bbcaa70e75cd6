/*
 * Tables of text for people: columns as wide as what is in them, and no wider than the terminal.
 */
#ifndef ANALYZER_BASE_TEXT_TABLE_H
#define ANALYZER_BASE_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyzer/base/error.h"

struct table_column {
    const char *heading;
    bool is_number; /* set to the right */
    bool shrinks;   /* may be cut where the line is too long, in names arguments of templates first;
                       the widest column is cut first */
    bool is_marked; /* in colour */
};

/* Begins as {.columns = …, .column_count = …}. */
struct text_table {
    const struct table_column *columns;
    size_t column_count;
    char **cells; /* row after row */
    size_t cell_count, cell_capacity;
};

/* Adds the next cell: text of any bytes, made fit for a terminal.  ERROR_MEMORY. */
bool text_table_add(struct text_table *table, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Prints the title and the rows, no line wider than `width`; in colour where that is wanted.
 * Nothing where there are no rows.
 */
void text_table_print(struct text_table *table, const char *title, FILE *stream, size_t width,
                      bool colour);
void text_table_free(struct text_table *table);

#endif
