/*
 * libFuzzer harness of line tables of debug information.  An input is a stretch
 * of code that is wanted, two numbers of eight bytes, the lowest first, and the
 * section .debug_line.
 */
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "analyzer/model/debug/line_header.h"
#include "analyzer/model/debug/line_table.h"
#include "tests/fuzz/fuzzing.h"

static void look_up(const struct line_table *table, uint64_t start, uint64_t end)
{
    uint64_t until;
    for (unsigned i = 0; start < end && i < 1000; i++, start = until) {
        const struct line_row *row = line_table_at(table, start, &until);
        assert(until > start && (!row || row->address <= start));
    }
}

static void check(const struct line_table *table)
{
    for (size_t i = 0; i < table->sequence_count; i++) {
        const struct line_sequence *sequence = &table->sequences[i];
        assert(sequence->start < sequence->end && sequence->first <= table->row_count &&
               sequence->count <= table->row_count - sequence->first);
        for (size_t k = 1; k < sequence->count; k++)
            assert(table->rows[sequence->first + k - 1].address <=
                   table->rows[sequence->first + k].address);
    }
}

static void read_table(const uint8_t *bytes, size_t size, uint64_t offset,
                       const struct address_ranges *wanted)
{
    struct line_table table = {.has_columns = size % 2};
    struct error error;
    const char *reason;
    if (line_table_read(&table, bytes, size, offset, wanted, &reason, &error)) {
        check(&table);
        look_up(&table, wanted->items[0].start, wanted->items[0].end);
        look_up(&table, 0, UINT64_MAX);
    } else {
        assert(reason);
    }
    line_table_free(&table);
}

/* Strings are taken from the same bytes. */
static void name_files(const uint8_t *bytes, size_t size)
{
    static const uint64_t numbers[] = {0, 1, 2, 1000, UINT64_MAX};
    struct line_strings strings = {{bytes, size}, {bytes, size}};
    struct line_header header;
    struct line_file file;
    struct cursor cursor = cursor_over(bytes, size);
    if (line_header_read(&header, &cursor) != NULL)
        return;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (line_header_file(&header, &strings, numbers[i], &file))
            assert(strlen(file.name) < size && (!file.directory || strlen(file.directory) < size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct address_ranges wanted = {0};
    struct error error;
    uint64_t range[2];
    if (size < sizeof(range))
        return 0;
    memcpy(range, bytes, sizeof(range));
    bytes += sizeof(range);
    size -= sizeof(range);
    name_files(bytes, size);
    if (address_ranges_add(&wanted, le64toh(range[0]), le64toh(range[1]), &error)) {
        address_ranges_join(&wanted);
        if (wanted.count > 0) {
            read_table(bytes, size, 0, &wanted);
            read_table(bytes, size, size / 2, &wanted);
        }
    }
    address_ranges_free(&wanted);
    return 0;
}
