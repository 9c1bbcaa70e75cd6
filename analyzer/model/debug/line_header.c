#include "analyzer/model/debug/line_header.h"

#include <dwarf.h>
#include <stddef.h>
#include <string.h>

#define LONG_FORM UINT32_C(0xffffffff) /* a 64-bit length follows */
#define MOST_PARTS 16                  /* of the description of an entry, as far as it is read */

static uint64_t number_of(struct cursor *cursor, unsigned width)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < width; i++)
        number |= (uint64_t)cursor_byte(cursor) << (8 * i);
    return number;
}

/* A length: the rest of the cursor is cut to it. */
static bool cut(struct cursor *cursor, uint64_t size)
{
    if (cursor->is_garbled || size > (size_t)(cursor->end - cursor->next))
        return false;
    cursor->end = cursor->next + size;
    return true;
}

const char *line_header_read(struct line_header *header, struct cursor *cursor)
{
    uint64_t size = number_of(cursor, 4);
    header->offset_size = 4;
    if (size == LONG_FORM) {
        header->offset_size = 8;
        size = cursor_fixed(cursor);
    }
    if (!cut(cursor, size))
        return "its size is past the end";
    header->version = (unsigned)number_of(cursor, 2);
    if (header->version < 2 || header->version > 5)
        return "its version is not known";
    if (header->version == 5 && number_of(cursor, 2) != 8) /* no segments, addresses of 8 bytes */
        return "its addresses are not of 8 bytes";
    uint64_t header_size = number_of(cursor, header->offset_size);
    struct cursor rest = *cursor;
    if (!cut(&rest, header_size))
        return "its header is past the end";
    header->smallest_instruction = cursor_byte(&rest);
    header->operations = header->version >= 4 ? cursor_byte(&rest) : 1;
    cursor_byte(&rest); /* where statements begin */
    header->line_base = (int8_t)cursor_byte(&rest);
    header->line_range = cursor_byte(&rest);
    header->opcode_base = cursor_byte(&rest);
    header->operand_counts = rest.next;
    if (rest.is_garbled || header->line_range == 0 || header->opcode_base == 0 ||
        header->opcode_base - 1 > rest.end - rest.next)
        return "its header makes no sense";
    rest.next += header->opcode_base - 1;
    header->names = rest;
    cursor->next += header_size;
    return NULL;
}

/* --- names ----------------------------------------------------------------------- */

/* NULL where it does not end. */
static const char *string_at(const uint8_t *next, const uint8_t *end)
{
    return memchr(next, 0, (size_t)(end - next)) ? (const char *)next : NULL;
}

static const char *inline_string(struct cursor *cursor)
{
    const char *string = string_at(cursor->next, cursor->end);
    if (string)
        cursor->next += strlen(string) + 1;
    else
        cursor->is_garbled = true;
    return string;
}

static const char *string_of_section(const struct section_bytes *section, uint64_t offset)
{
    return offset < section->size
               ? string_at(section->bytes + offset, section->bytes + section->size)
               : NULL;
}

/* One entry of DWARF 5: what is neither a path nor a directory is passed over. */
struct described_file {
    const char *path;
    uint64_t directory;
};

struct described_format {
    unsigned count;
    struct {
        uint32_t content, form;
    } parts[MOST_PARTS];
};

static bool read_format(struct cursor *cursor, struct described_format *format)
{
    format->count = cursor_byte(cursor);
    if (format->count > MOST_PARTS)
        return false;
    for (unsigned i = 0; i < format->count; i++) {
        format->parts[i].content = cursor_number(cursor);
        format->parts[i].form = cursor_number(cursor);
    }
    return !cursor->is_garbled;
}

static void skip(struct cursor *cursor, uint64_t size)
{
    if (size > (size_t)(cursor->end - cursor->next))
        cursor->is_garbled = true;
    else
        cursor->next += size;
}

static bool read_entry(struct cursor *cursor, const struct line_header *header,
                       const struct line_strings *strings, const struct described_format *format,
                       struct described_file *entry)
{
    *entry = (struct described_file){0};
    for (unsigned i = 0; i < format->count; i++) {
        const char *string = NULL;
        uint64_t number = 0;
        switch (format->parts[i].form) {
        case DW_FORM_string:
            string = inline_string(cursor);
            break;
        case DW_FORM_line_strp:
            string =
                string_of_section(&strings->line_strings, number_of(cursor, header->offset_size));
            break;
        case DW_FORM_strp:
            string = string_of_section(&strings->strings, number_of(cursor, header->offset_size));
            break;
        case DW_FORM_udata:
            number = cursor_wide(cursor);
            break;
        case DW_FORM_data1:
            number = number_of(cursor, 1);
            break;
        case DW_FORM_data2:
            number = number_of(cursor, 2);
            break;
        case DW_FORM_data4:
            number = number_of(cursor, 4);
            break;
        case DW_FORM_data8:
            number = number_of(cursor, 8);
            break;
        case DW_FORM_data16:
            skip(cursor, 16);
            break;
        case DW_FORM_block:
            skip(cursor, cursor_wide(cursor));
            break;
        default: /* its size is not known */
            return false;
        }
        if (format->parts[i].content == DW_LNCT_path)
            entry->path = string;
        if (format->parts[i].content == DW_LNCT_directory_index)
            entry->directory = number;
    }
    return !cursor->is_garbled;
}

/* The entry of that number of the table that the cursor is at. */
static bool find_entry(struct cursor *cursor, const struct line_header *header,
                       const struct line_strings *strings, uint64_t number,
                       struct described_file *entry)
{
    struct described_format format;
    if (!read_format(cursor, &format))
        return false;
    uint64_t count = cursor_wide(cursor);
    /* An entry of no bytes could be counted for ever. */
    if (format.count == 0 || cursor->is_garbled || number >= count)
        return false;
    for (uint64_t i = 0; i <= number; i++)
        if (!read_entry(cursor, header, strings, &format, entry))
            return false;
    return entry->path != NULL;
}

static bool pass_table(struct cursor *cursor, const struct line_header *header,
                       const struct line_strings *strings)
{
    struct described_format format;
    struct described_file unused;
    if (!read_format(cursor, &format))
        return false;
    uint64_t count = cursor_wide(cursor);
    for (uint64_t i = 0; format.count > 0 && i < count; i++)
        if (!read_entry(cursor, header, strings, &format, &unused))
            return false;
    return !cursor->is_garbled;
}

/* DWARF 5: two tables of described entries; the first directory is the unit's. */
static bool find_described(const struct line_header *header, const struct line_strings *strings,
                           uint64_t number, struct line_file *file)
{
    struct cursor directories = header->names;
    struct cursor files = directories;
    struct described_file entry, directory;
    if (!pass_table(&files, header, strings) ||
        !find_entry(&files, header, strings, number, &entry))
        return false;
    *file = (struct line_file){NULL, entry.path};
    if (entry.directory > 0 &&
        find_entry(&directories, header, strings, entry.directory, &directory))
        file->directory = directory.path;
    return true;
}

/* Before: strings, up to an empty one; numbers count from 1. */
static bool find_listed(const struct line_header *header, uint64_t number, struct line_file *file)
{
    struct cursor cursor = header->names;
    struct cursor directories = cursor;
    const char *string;
    uint64_t directory = 0;
    while ((string = inline_string(&cursor)) && *string)
        ;
    *file = (struct line_file){NULL, NULL};
    for (uint64_t i = 1; i <= number; i++) {
        file->name = inline_string(&cursor);
        if (!file->name || !*file->name)
            return false;
        directory = cursor_wide(&cursor);
        cursor_wide(&cursor); /* when it was changed, */
        cursor_wide(&cursor); /* and its size */
    }
    for (uint64_t i = 1; i <= directory && !cursor.is_garbled; i++) {
        string = inline_string(&directories);
        if (!string || !*string)
            return false;
        file->directory = string;
    }
    return file->name && !cursor.is_garbled;
}

bool line_header_file(const struct line_header *header, const struct line_strings *strings,
                      uint64_t number, struct line_file *file)
{
    return header->version >= 5 ? find_described(header, strings, number, file)
                                : find_listed(header, number, file);
}
