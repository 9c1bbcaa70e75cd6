#include "analyzer/base/text_table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/abbreviate.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"

#define COLUMNS_MAX 12
#define CELL_SIZE 1024
#define SHRINKS_TO 12
#define INDENT 2
#define GAP 2

bool text_table_add(struct text_table *table, struct error *error, const char *format, ...)
{
    char text[CELL_SIZE], visible[CELL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!memory_reserve(&table->cells, &table->cell_capacity, table->cell_count + 1,
                        sizeof(*table->cells), error))
        return false;
    char *copy = memory_copy_text(text_printable(text, visible, sizeof(visible)), error);
    if (copy)
        table->cells[table->cell_count++] = copy;
    return copy != NULL;
}

static void find_widths(const struct text_table *table, size_t widths[COLUMNS_MAX])
{
    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = text_columns(table->columns[c].heading);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t columns = text_columns(table->cells[i]);
        size_t c = i % table->column_count;
        widths[c] = columns > widths[c] ? columns : widths[c];
    }
}

/* Takes from the widest columns that may shrink what is too much. */
static void shrink(const struct text_table *table, size_t widths[COLUMNS_MAX], size_t width)
{
    size_t whole = INDENT;
    for (size_t c = 0; c < table->column_count; c++)
        whole += widths[c] + (c > 0 ? GAP : 0);
    while (whole > width) {
        size_t widest = table->column_count;
        for (size_t c = 0; c < table->column_count; c++) {
            if (table->columns[c].shrinks && widths[c] > SHRINKS_TO &&
                (widest == table->column_count || widths[c] > widths[widest]))
                widest = c;
        }
        if (widest == table->column_count)
            return;
        widths[widest]--;
        whole--;
    }
}

/* `left`: columns that the line has yet. */
static size_t print_cell(const struct text_table *table, size_t c, char *text, size_t column_width,
                         FILE *stream, size_t left, bool colour)
{
    const struct table_column *column = &table->columns[c];
    size_t gap = c > 0 ? GAP : INDENT;
    size_t room = left > gap ? left - gap : 0;
    size_t wanted = column_width < room ? column_width : room;
    bool is_last = c + 1 == table->column_count;
    text_fit(column->shrinks ? name_abbreviate(text, wanted) : text, wanted);
    size_t used = text_columns(text);
    size_t blanks = wanted - used;
    if (room == 0 || (used == 0 && is_last))
        return 0;
    fprintf(stream, "%*s%s", (int)(gap + (column->is_number ? blanks : 0)), "",
            colour && column->is_marked ? "\033[36m" : "");
    fprintf(stream, "%s%s", text, colour && column->is_marked ? "\033[0m" : "");
    if (!column->is_number && !is_last)
        fprintf(stream, "%*s", (int)blanks, "");
    return room - wanted;
}

void text_table_print(struct text_table *table, const char *title, FILE *stream, size_t width,
                      bool colour)
{
    size_t widths[COLUMNS_MAX];
    size_t left = width;
    assert(table->column_count <= COLUMNS_MAX && table->cell_count % table->column_count == 0);
    if (table->cell_count == 0)
        return;
    find_widths(table, widths);
    shrink(table, widths, width);
    fprintf(stream, "\n%s%s%s\n", colour ? "\033[1m" : "", title, colour ? "\033[0m" : "");
    for (size_t c = 0; c < table->column_count; c++) {
        char heading[64];
        snprintf(heading, sizeof(heading), "%s", table->columns[c].heading);
        left = print_cell(table, c, heading, widths[c], stream, left, false);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t c = i % table->column_count;
        left =
            print_cell(table, c, table->cells[i], widths[c], stream, c == 0 ? width : left, colour);
        if (c + 1 == table->column_count)
            fputc('\n', stream);
    }
}

void text_table_free(struct text_table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->cell_count = table->cell_capacity = 0;
}
