#include "shim/core/lookahead/lines.h"

#include <string.h>

#include "shim/core/ground/memory.h"

/* A checked read costs a system call: fetch more lines with it than the one asked for. */
#define FETCH_SIZE 256u

void lines_begin(struct memory_lines *lines, struct pages *pages)
{
    for (uint32_t i = 0; i < lines->count; i++)
        lines->slots[lines->used_slots[i]] = 0;
    lines->count = 0;
    lines->fetches = 0;
    lines->pages = pages;
}

/* The line at `address` (of its first byte); NULL: it is not here, and *slot is where it would be.
 */
static struct memory_line *line_find(struct memory_lines *lines, uint64_t address, uint32_t *slot)
{
    *slot = line_slot(address);
    while (lines->slots[*slot]) {
        struct memory_line *line = &lines->line[lines->slots[*slot] - 1];
        if (line->address == address)
            return line;
        *slot = (*slot + 1) % LINE_SLOTS;
    }
    return NULL;
}

/* The same, added empty where it is new; NULL: there are too many. */
static struct memory_line *line_get(struct memory_lines *lines, uint64_t address)
{
    uint32_t slot;
    struct memory_line *line = line_find(lines, address, &slot);

    if (line || lines->count == LINES_MOST)
        return line;
    line = &lines->line[lines->count];
    lines->used_slots[lines->count] = (uint16_t)slot;
    lines->slots[slot] = (uint16_t)++lines->count;
    line->address = address;
    line->known = line->poison = 0;
    return line;
}

/* Puts what the application has at the line where the window has stored nothing. */
static void line_fill(struct memory_line *line, const uint8_t *bytes)
{
    if (line->known == 0) {
        memcpy(line->bytes, bytes, LINE_SIZE);
    } else {
        for (unsigned i = 0; i < LINE_SIZE; i++)
            if (!(line->known >> i & 1))
                line->bytes[i] = bytes[i];
    }
    line->known = UINT64_MAX;
}

static enum lines_result line_fetch(struct memory_lines *lines, struct memory_line *line)
{
    uint8_t block[FETCH_SIZE] __attribute__((aligned(64)));
    uint64_t first = line->address / FETCH_SIZE * FETCH_SIZE;

    if (pages_direct(lines->pages, line->address)) {
        line_fill(line, (const uint8_t *)(uintptr_t)line->address);
        return LINES_DONE;
    }
    lines->fetches++;
    if (!memory_read(block, first, FETCH_SIZE))
        return LINES_FAULT;
    pages_mark_plain(lines->pages, first);
    line_fill(line, block + (line->address - first));
    for (uint64_t address = first; address < first + FETCH_SIZE; address += LINE_SIZE) {
        struct memory_line *neighbour = address == line->address ? NULL : line_get(lines, address);
        if (neighbour)
            line_fill(neighbour, block + (address - first));
    }
    return LINES_DONE;
}

/*
 * `size` bytes of the application's, in a page that may be read directly.  May read
 * beyond what a sanitizer takes for the object's end.
 */
__attribute__((no_sanitize("address"))) static uint64_t bits_at(uint64_t address, unsigned size)
{
    uint64_t bits = 0;
    if (address % PAGE_SIZE <= PAGE_SIZE - sizeof(bits))
        memcpy(&bits, (const void *)(uintptr_t)address, sizeof(bits));
    else
        memcpy(&bits, (const void *)(uintptr_t)address, size);
    return bits & size_mask(size);
}

static enum lines_result load_within(struct memory_lines *lines, uint64_t address, unsigned size,
                                     struct value *value)
{
    unsigned offset = (unsigned)(address % LINE_SIZE);
    uint64_t mask = line_mask(offset, size);
    uint32_t slot;
    struct memory_line *line = line_find(lines, address - offset, &slot);

    if (!line &&
        pages_direct(lines->pages, address)) { /* nothing was stored there: no line needed */
        *value = (struct value){bits_at(address, size), 0};
        return LINES_DONE;
    }
    line = line ? line : line_get(lines, address - offset);
    if (!line)
        return LINES_FULL;
    if ((line->known & mask) != mask) {
        enum lines_result result = line_fetch(lines, line);
        if (result != LINES_DONE)
            return result;
    }
    memcpy(&value->bits, line->bytes + offset, sizeof(value->bits));
    value->bits &= size_mask(size);
    value->poison = (uint8_t)((line->poison & mask) >> offset);
    return LINES_DONE;
}

static enum lines_result store_within(struct memory_lines *lines, uint64_t address, unsigned size,
                                      struct value value)
{
    unsigned offset = (unsigned)(address % LINE_SIZE);
    struct memory_line *line = line_get(lines, address - offset);
    uint64_t mask = line_mask(offset, size), bits;

    if (!line)
        return LINES_FULL;
    memcpy(&bits, line->bytes + offset, sizeof(bits));
    bits = (bits & ~size_mask(size)) | (value.bits & size_mask(size));
    memcpy(line->bytes + offset, &bits, sizeof(bits));
    line->known |= mask;
    line->poison = (line->poison & ~mask) | ((uint64_t)value.poison << offset & mask);
    return LINES_DONE;
}

enum lines_result lines_load(struct memory_lines *lines, uint64_t address, unsigned size,
                             struct value *value)
{
    unsigned first = LINE_SIZE - (unsigned)(address % LINE_SIZE);
    struct value low, high;
    enum lines_result result;

    if (first >= size)
        return load_within(lines, address, size, value);
    result = load_within(lines, address, first, &low);
    if (result == LINES_DONE)
        result = load_within(lines, address + first, size - first, &high);
    if (result == LINES_DONE) {
        value->bits = low.bits | high.bits << (first % 8) * 8; /* first is less than size here */
        value->poison = (uint8_t)(low.poison | high.poison << (first % 8));
    }
    return result;
}

enum lines_result lines_store(struct memory_lines *lines, uint64_t address, unsigned size,
                              struct value value)
{
    unsigned first = LINE_SIZE - (unsigned)(address % LINE_SIZE);
    struct value high;
    enum lines_result result;

    if (first >= size)
        return store_within(lines, address, size, value);
    high.bits = value.bits >> (first % 8) * 8; /* first is less than size here */
    high.poison = (uint8_t)(value.poison >> (first % 8));
    result = store_within(lines, address, first, value);
    return result == LINES_DONE ? store_within(lines, address + first, size - first, high) : result;
}

enum lines_result lines_poison(struct memory_lines *lines, uint64_t address, uint32_t size)
{
    while (size) {
        unsigned offset = (unsigned)(address % LINE_SIZE);
        unsigned part = LINE_SIZE - offset < size ? LINE_SIZE - offset : size;
        struct memory_line *line = line_get(lines, address - offset);
        if (!line)
            return LINES_FULL;
        line->known |= line_mask(offset, part);
        line->poison |= line_mask(offset, part);
        address += part;
        size -= part;
    }
    return LINES_DONE;
}
