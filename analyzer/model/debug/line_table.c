#include "analyzer/model/debug/line_table.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cursor.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/debug/line_header.h"

/* The state machine, and the sequence that it is in. */
struct line_program {
    struct line_table *table;
    const struct address_ranges *wanted;
    struct line_header header;
    struct cursor cursor;
    uint64_t address;
    uint64_t operation;
    uint32_t line;
    uint32_t column;
    uint32_t discriminator;
    uint64_t last_address; /* of the last row that the program made */
    bool has_row;          /* in this sequence */
    struct line_row row;   /* the last one, which holds until the next */
    uint64_t start;        /* of the sequence */
    size_t first;          /* its first row in the table */
    size_t next_wanted;    /* the first range that ends behind `row` */
};

/* --- rows ------------------------------------------------------------------------ */

static bool is_same_place(const struct line_row *row, const struct line_row *next)
{
    return row->line == next->line && row->discriminator == next->discriminator &&
           row->column == next->column;
}

static bool push(struct line_table *table, struct line_row row, size_t first, struct error *error)
{
    if (table->row_count > first) {
        const struct line_row *last = &table->rows[table->row_count - 1];
        if (is_same_place(last, &row))
            return true;
    }
    if (!memory_reserve(&table->rows, &table->row_capacity, table->row_count + 1, sizeof(row),
                        error))
        return false;
    table->rows[table->row_count++] = row;
    return true;
}

/* The last row, now that it is known where it ends; one of no line where nobody wants it. */
static bool finish_row(struct line_program *program, uint64_t end, struct error *error)
{
    const struct address_ranges *wanted = program->wanted;
    struct line_row row = program->row;
    if (!program->has_row || end <= row.address)
        return true;
    while (program->next_wanted < wanted->count &&
           wanted->items[program->next_wanted].end <= row.address)
        program->next_wanted++;
    if (program->next_wanted == wanted->count || wanted->items[program->next_wanted].start >= end)
        row.line = row.discriminator = row.column = 0;
    return push(program->table, row, program->first, error);
}

static bool finish_sequence(struct line_program *program, uint64_t end, struct error *error)
{
    struct line_table *table = program->table;
    if (!finish_row(program, end, error))
        return false;
    program->has_row = false;
    if (!address_ranges_meet(program->wanted, program->start, end)) {
        table->row_count = program->first;
        return true;
    }
    if (!memory_reserve(&table->sequences, &table->sequence_capacity, table->sequence_count + 1,
                        sizeof(struct line_sequence), error))
        return false;
    table->sequences[table->sequence_count++] = (struct line_sequence){
        program->start, end, program->first, table->row_count - program->first};
    return true;
}

static bool add_row(struct line_program *program, struct error *error)
{
    struct line_row row = {program->address, program->line, program->discriminator,
                           program->table->has_columns ? program->column : 0};
    /* Addresses only go up in a sequence; where they do not, another begins. */
    if (program->has_row && program->address < program->last_address &&
        !finish_sequence(program, program->last_address, error))
        return false;
    program->last_address = program->address;
    program->discriminator = 0;
    if (program->has_row && is_same_place(&program->row, &row))
        return true;
    if (!program->has_row) {
        program->start = program->address;
        program->first = program->table->row_count;
        program->next_wanted = address_ranges_from(program->wanted, program->address);
    } else if (!finish_row(program, program->address, error)) {
        return false;
    }
    program->has_row = true;
    program->row = row;
    return true;
}

/* --- opcodes --------------------------------------------------------------------- */

static void begin_sequence(struct line_program *program)
{
    program->address = program->operation = 0;
    program->line = 1;
    program->column = 0;
    program->discriminator = 0;
}

static void advance(struct line_program *program, uint64_t operations)
{
    const struct line_header *header = &program->header;
    if (header->operations > 1) {
        operations += program->operation;
        program->operation = operations % header->operations;
        operations /= header->operations;
    }
    program->address += header->smallest_instruction * operations;
}

static bool run_extended(struct line_program *program, struct error *error)
{
    struct cursor *cursor = &program->cursor;
    uint32_t size = cursor_number(cursor);
    if (cursor->is_garbled || size > (size_t)(cursor->end - cursor->next)) {
        cursor->is_garbled = true;
        return true;
    }
    struct cursor operand = cursor_over(cursor->next, size);
    cursor->next += size;
    switch (size > 0 ? cursor_byte(&operand) : 0) {
    case DW_LNE_end_sequence:
        if (program->has_row && !finish_sequence(program, program->address, error))
            return false;
        begin_sequence(program);
        return true;
    case DW_LNE_set_address:
        program->address = cursor_fixed(&operand);
        program->operation = 0;
        break;
    case DW_LNE_set_discriminator:
        program->discriminator = cursor_number(&operand);
        break;
    default: /* of other tools */
        return true;
    }
    cursor->is_garbled = operand.is_garbled;
    return true;
}

static bool run_standard(struct line_program *program, uint8_t opcode, struct error *error)
{
    const struct line_header *header = &program->header;
    struct cursor *cursor = &program->cursor;
    switch (opcode) {
    case DW_LNS_copy:
        return add_row(program, error);
    case DW_LNS_advance_pc:
        advance(program, cursor_number(cursor));
        return true;
    case DW_LNS_advance_line:
        program->line += (uint32_t)cursor_signed(cursor);
        return true;
    case DW_LNS_set_column:
        program->column = cursor_number(cursor);
        return true;
    case DW_LNS_const_add_pc:
        advance(program, (255 - header->opcode_base) / header->line_range);
        return true;
    case DW_LNS_fixed_advance_pc:
        program->address += cursor_byte(cursor);
        program->address += (uint64_t)cursor_byte(cursor) << 8;
        program->operation = 0;
        return true;
    default: /* files, and where statements and prologues are */
        for (uint8_t i = 0; i < header->operand_counts[opcode - 1]; i++)
            cursor_signed(cursor);
        return true;
    }
}

static bool run(struct line_program *program, struct error *error)
{
    const struct line_header *header = &program->header;
    struct cursor *cursor = &program->cursor;
    begin_sequence(program);
    while (cursor->next < cursor->end && !cursor->is_garbled) {
        uint8_t opcode = *cursor->next++;
        bool done = true;
        if (opcode >= header->opcode_base) {
            opcode = (uint8_t)(opcode - header->opcode_base);
            advance(program, opcode / header->line_range);
            program->line += (uint32_t)(header->line_base + opcode % header->line_range);
            done = add_row(program, error);
        } else {
            done =
                opcode == 0 ? run_extended(program, error) : run_standard(program, opcode, error);
        }
        if (!done)
            return false;
    }
    return !program->has_row || finish_sequence(program, program->row.address, error);
}

/* --- tables ---------------------------------------------------------------------- */

/* Of functions that the linker folded into one, the first one's lines count: they come last. */
static int compare_sequences(const void *left, const void *right)
{
    const struct line_sequence *a = left;
    const struct line_sequence *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return a->first > b->first ? -1 : a->first < b->first;
}

bool line_table_read(struct line_table *table, const uint8_t *section, size_t size, uint64_t offset,
                     const struct address_ranges *wanted, const char **reason, struct error *error)
{
    struct line_program program = {.table = table, .wanted = wanted};
    *reason = offset < size ? NULL : "it is past the end of .debug_line";
    if (*reason)
        return false;
    program.cursor = cursor_over(section + offset, size - offset);
    *reason = line_header_read(&program.header, &program.cursor);
    if (*reason)
        return false;
    if (!run(&program, error))
        return false;
    if (program.cursor.is_garbled) {
        *reason = "it ends in the middle";
        return false;
    }
    if (table->sequence_count > 0)
        qsort(table->sequences, table->sequence_count, sizeof(*table->sequences),
              compare_sequences);
    return true;
}

void line_table_free(struct line_table *table)
{
    free(table->rows);
    free(table->sequences);
    *table = (struct line_table){0};
}

const struct line_row *line_table_at(const struct line_table *table, uint64_t address,
                                     uint64_t *until)
{
    size_t behind = SEARCH_COUNT(table->sequence_count, i, table->sequences[i].start <= address);
    *until = behind < table->sequence_count ? table->sequences[behind].start : UINT64_MAX;
    if (behind == 0 || address >= table->sequences[behind - 1].end)
        return NULL;
    const struct line_sequence *sequence = &table->sequences[behind - 1];
    const struct line_row *rows = table->rows + sequence->first;
    if (sequence->end < *until)
        *until = sequence->end;
    size_t next = SEARCH_COUNT(sequence->count, i, rows[i].address <= address);
    if (next < sequence->count && rows[next].address < *until)
        *until = rows[next].address;
    return next > 0 ? &rows[next - 1] : NULL;
}
