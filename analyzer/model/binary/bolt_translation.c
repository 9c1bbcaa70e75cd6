#include "analyzer/model/binary/bolt_translation.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cursor.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/section_bytes.h"

#define NOTE_HEADER 12 /* sizes of the name and of the content, type: 4 bytes each */
#define NOTE_OF_BOLT "BOLT"

struct table_reader {
    struct bolt_translation *translation;
    struct cursor cursor;
    uint64_t address; /* that the next delta is added to */
    size_t hot_count; /* fragments that are functions; they come first */
    struct error *error;
};

/* How a fragment's first places are written: without their input, which is as far in as the output.
 */
struct equal_places {
    uint64_t count;
    uint64_t skew;           /* the input's offset less the output's */
    const uint8_t *branches; /* a bit each */
};

static int compare_fragments(const void *left, const void *right)
{
    uint64_t a = ((const struct bolt_fragment *)left)->address;
    uint64_t b = ((const struct bolt_fragment *)right)->address;
    return (a > b) - (a < b);
}

static void skip_bytes(struct cursor *cursor, uint64_t size)
{
    if (size > (uint64_t)(cursor->end - cursor->next))
        cursor->is_garbled = true;
    else
        cursor->next += size;
}

static bool read_equal_places(struct table_reader *reader, struct equal_places *equal)
{
    equal->count = cursor_number(&reader->cursor);
    equal->branches = reader->cursor.next;
    if (equal->count > 0)
        skip_bytes(&reader->cursor, (equal->count + 7) / 8);
    return !reader->cursor.is_garbled;
}

static bool read_places(struct table_reader *reader, struct bolt_fragment *fragment, uint64_t count,
                        const struct equal_places *equal)
{
    struct bolt_translation *translation = reader->translation;
    struct cursor *cursor = &reader->cursor;
    uint64_t input = 0; /* with the mark of branches in the lowest bit */

    fragment->first = translation->place_count;
    for (uint64_t i = 0; i < count && !cursor->is_garbled; i++) {
        reader->address += cursor_wide(cursor);
        uint64_t output = reader->address - fragment->address;
        if (i < equal->count)
            input = (output + equal->skew) << 1 | (equal->branches[i / 8] >> i % 8 & 1);
        else
            input += (uint64_t)cursor_signed(cursor);
        bool is_branch = input & 1;
        if (!is_branch) { /* a block's hash and index, which nobody asks for */
            cursor_fixed(cursor);
            cursor_wide(cursor);
        }
        if (output > UINT32_MAX || input >> 1 > UINT32_MAX)
            cursor->is_garbled = true;
        if (!memory_reserve(&translation->places, &translation->place_capacity,
                            translation->place_count + 1, sizeof(*translation->places),
                            reader->error))
            return false;
        translation->places[translation->place_count++] =
            (struct bolt_place){(uint32_t)output, (uint32_t)(input >> 1), is_branch};
    }
    fragment->count = translation->place_count - fragment->first;
    return true;
}

/* A function, or a part: the index of its function, among those read before, is in *hot. */
static bool read_fragment(struct table_reader *reader, bool is_cold, size_t *hot)
{
    struct bolt_translation *translation = reader->translation;
    struct cursor *cursor = &reader->cursor;
    struct bolt_fragment fragment = {0};
    struct equal_places equal = {0};
    uint64_t entries = 0;

    fragment.address = fragment.parent = reader->address += cursor_wide(cursor);
    if (is_cold) {
        *hot += cursor_number(cursor);
        if (*hot >= reader->hot_count)
            cursor->is_garbled = true;
        else
            fragment.parent = translation->fragments[*hot].address;
        equal.skew = cursor_number(cursor);
    } else {
        cursor_fixed(cursor);  /* its hash */
        cursor_number(cursor); /* blocks */
        entries = cursor_number(cursor);
    }
    uint64_t count = cursor_number(cursor);
    if (!read_equal_places(reader, &equal))
        return true;
    if (!read_places(reader, &fragment, count, &equal))
        return false;
    for (; entries > 0 && !cursor->is_garbled; entries--)
        cursor_number(cursor);
    if (!memory_reserve(&translation->fragments, &translation->fragment_capacity,
                        translation->fragment_count + 1, sizeof(fragment), reader->error))
        return false;
    translation->fragments[translation->fragment_count++] = fragment;
    return true;
}

static bool read_fragments(struct table_reader *reader, bool is_cold)
{
    size_t hot = 0;
    uint32_t count = cursor_number(&reader->cursor);
    for (uint32_t i = 0; i < count && !reader->cursor.is_garbled; i++) {
        if (!read_fragment(reader, is_cold, &hot))
            return false;
    }
    if (!is_cold)
        reader->hot_count = reader->translation->fragment_count;
    return true;
}

/* --- the layout of llvm-bolt 16 ------------------------------------------------- */

#define FIXED_BRANCH 0x80000000u /* in the input's offset */

static uint32_t fixed_half(struct cursor *cursor)
{
    uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 8)
        value |= (uint32_t)cursor_byte(cursor) << shift;
    return value;
}

static bool read_fixed_places(struct table_reader *reader, struct bolt_fragment *fragment)
{
    struct bolt_translation *translation = reader->translation;
    uint32_t count = fixed_half(&reader->cursor);
    fragment->first = translation->place_count;
    for (uint32_t i = 0; i < count && !reader->cursor.is_garbled; i++) {
        uint32_t output = fixed_half(&reader->cursor);
        uint32_t input = fixed_half(&reader->cursor);
        if (!memory_reserve(&translation->places, &translation->place_capacity,
                            translation->place_count + 1, sizeof(*translation->places),
                            reader->error))
            return false;
        translation->places[translation->place_count++] =
            (struct bolt_place){output, input & ~FIXED_BRANCH, (input & FIXED_BRANCH) != 0};
    }
    fragment->count = translation->place_count - fragment->first;
    return true;
}

/* All fragments with their places, then which of them are parts and of which others. */
static bool read_fixed(struct table_reader *reader)
{
    struct bolt_translation *translation = reader->translation;
    struct cursor *cursor = &reader->cursor;
    for (uint32_t count = fixed_half(cursor); count > 0 && !cursor->is_garbled; count--) {
        struct bolt_fragment fragment = {.address = cursor_fixed(cursor)};
        fragment.parent = fragment.address;
        if (!read_fixed_places(reader, &fragment) ||
            !memory_reserve(&translation->fragments, &translation->fragment_capacity,
                            translation->fragment_count + 1, sizeof(fragment), reader->error))
            return false;
        translation->fragments[translation->fragment_count++] = fragment;
    }
    if (translation->fragment_count > 0)
        qsort(translation->fragments, translation->fragment_count, sizeof(*translation->fragments),
              compare_fragments);
    for (uint32_t count = fixed_half(cursor); count > 0 && !cursor->is_garbled; count--) {
        struct bolt_fragment key = {.address = cursor_fixed(cursor)};
        uint64_t parent = cursor_fixed(cursor);
        struct bolt_fragment *part =
            translation->fragment_count == 0
                ? NULL
                : bsearch(&key, translation->fragments, translation->fragment_count, sizeof(key),
                          compare_fragments);
        if (part)
            part->parent = parent;
    }
    /* Nothing else tells the two layouts apart: this one fills the note to its end. */
    cursor->is_garbled = cursor->is_garbled || cursor->next != cursor->end;
    return true;
}

/* The note's content, or nothing. */
static struct section_bytes note_content(const struct section_bytes *section)
{
    uint64_t name_size, content_size;
    struct section_bytes name;
    if (!section_bytes_number(section, 0, 4, &name_size) ||
        !section_bytes_number(section, 4, 4, &content_size))
        return (struct section_bytes){0};
    name = section_bytes_part(section, NOTE_HEADER, name_size);
    if (name.size < strlen(NOTE_OF_BOLT) ||
        memcmp(name.bytes, NOTE_OF_BOLT, strlen(NOTE_OF_BOLT)) != 0)
        return (struct section_bytes){0};
    return section_bytes_part(section, NOTE_HEADER + (name_size + 3) / 4 * 4, content_size);
}

bool bolt_translation_read(struct bolt_translation *translation, const struct binary *binary,
                           struct error *error)
{
    *translation = (struct bolt_translation){0};
    struct section_bytes section = section_bytes_of(binary->elf, ".note.bolt_bat");
    if (section.size == 0)
        return true;
    struct section_bytes content = note_content(&section);
    struct table_reader reader = {.translation = translation,
                                  .cursor = cursor_over(content.bytes, content.size),
                                  .error = error};
    if (!read_fixed(&reader))
        return false;
    if (reader.cursor.is_garbled) {
        translation->fragment_count = translation->place_count = 0;
        reader.cursor = cursor_over(content.bytes, content.size);
        if (!read_fragments(&reader, false) || !read_fragments(&reader, true))
            return false;
    }
    if (reader.cursor.is_garbled) {
        error_set(error, ERROR_ELF_GARBLED, binary->path,
                  "its table of addresses by BOLT is not understood; llvm-bolt 16, 19 and 22 write "
                  "one that is");
        return false;
    }
    if (translation->fragment_count > 0)
        qsort(translation->fragments, translation->fragment_count, sizeof(*translation->fragments),
              compare_fragments);
    return true;
}

void bolt_translation_free(struct bolt_translation *translation)
{
    free(translation->fragments);
    free(translation->places);
    *translation = (struct bolt_translation){0};
}

const struct bolt_fragment *bolt_translation_find(const struct bolt_translation *translation,
                                                  uint64_t address)
{
    const struct bolt_fragment key = {.address = address};
    if (translation->fragment_count == 0)
        return NULL;
    return bsearch(&key, translation->fragments, translation->fragment_count, sizeof(key),
                   compare_fragments);
}

ptrdiff_t bolt_place_at(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset)
{
    const struct bolt_place *places = &translation->places[fragment->first];
    size_t next = SEARCH_COUNT(fragment->count, i, places[i].output <= offset);
    return next > 0 ? (ptrdiff_t)(fragment->first + next - 1) : -1;
}

uint64_t bolt_translate(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset, bool is_source)
{
    ptrdiff_t at = bolt_place_at(translation, fragment, offset);
    if (at < 0)
        return offset;
    const struct bolt_place *place = &translation->places[at];
    return is_source ? place->input : offset - place->output + place->input;
}

ptrdiff_t bolt_block_at(const struct bolt_translation *translation,
                        const struct bolt_fragment *fragment, uint64_t offset)
{
    ptrdiff_t at = bolt_place_at(translation, fragment, offset);
    while (at >= (ptrdiff_t)fragment->first && translation->places[at].is_branch)
        at--;
    return at >= (ptrdiff_t)fragment->first ? at : -1;
}
