#include "analyzer/model/debug/dwarf_entries.h"

#include <dwarf.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"

#define LONG_FORM UINT32_MAX /* a 64-bit length follows */

/* Of forms that say themselves what they take. */
#define NOT_FIXED (-1)
#define NOT_KNOWN (-2)

static const char past_the_end[] = "it is past the end of its section";

/* --- forms -------------------------------------------------------------------------- */

/* The bytes that an attribute of this form takes in an entry (DWARF 5, 7.5.6). */
static int size_of_form(uint32_t form, const struct dwarf_entry_sizes *sizes)
{
    switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const: /* it is in the abbreviation */
        return 0;
    case DW_FORM_data1:
    case DW_FORM_flag:
    case DW_FORM_ref1:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
        return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
        return 8;
    case DW_FORM_data16:
        return 16;
    case DW_FORM_addr:
        return sizes->address;
    case DW_FORM_ref_addr:
        return sizes->version == 2 ? sizes->address : sizes->offset;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_sec_offset:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
        return sizes->offset;
    case DW_FORM_string:
    case DW_FORM_block:
    case DW_FORM_block1:
    case DW_FORM_block2:
    case DW_FORM_block4:
    case DW_FORM_exprloc:
    case DW_FORM_sdata:
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
    case DW_FORM_indirect:
        return NOT_FIXED;
    default:
        return NOT_KNOWN;
    }
}

static uint64_t number_of(struct cursor *cursor, unsigned width)
{
    struct section_bytes rest = {cursor->next, (size_t)(cursor->end - cursor->next)};
    uint64_t number;
    if (!section_bytes_number(&rest, 0, width, &number)) {
        cursor->is_garbled = true;
        return 0;
    }
    cursor->next += width;
    return number;
}

static void pass(struct cursor *cursor, uint64_t size)
{
    if (size > (size_t)(cursor->end - cursor->next))
        cursor->is_garbled = true;
    else
        cursor->next += size;
}

static void pass_leb128(struct cursor *cursor)
{
    while (cursor_byte(cursor) & 0x80)
        ;
}

static void pass_text(struct cursor *cursor)
{
    while (cursor_byte(cursor) != 0)
        ;
}

static void pass_form(struct cursor *cursor, uint32_t form, const struct dwarf_entry_sizes *sizes)
{
    while (form == DW_FORM_indirect && !cursor->is_garbled)
        form = cursor_number(cursor);
    int size = size_of_form(form, sizes);
    switch (form) {
    case DW_FORM_string:
        pass_text(cursor);
        break;
    case DW_FORM_block:
    case DW_FORM_exprloc:
        pass(cursor, cursor_number(cursor));
        break;
    case DW_FORM_block1:
        pass(cursor, cursor_byte(cursor));
        break;
    case DW_FORM_block2:
        pass(cursor, number_of(cursor, 2));
        break;
    case DW_FORM_block4:
        pass(cursor, number_of(cursor, 4));
        break;
    default:
        if (size >= 0)
            pass(cursor, (uint64_t)size);
        else if (size == NOT_FIXED)
            pass_leb128(cursor);
        else
            cursor->is_garbled = true;
    }
}

/* --- kinds -------------------------------------------------------------------------- */

static bool is_place_of_code(uint32_t attribute)
{
    return attribute == DW_AT_low_pc || attribute == DW_AT_ranges;
}

static bool is_place_in_unit(uint32_t form)
{
    return form == DW_FORM_ref1 || form == DW_FORM_ref2 || form == DW_FORM_ref4 ||
           form == DW_FORM_ref8;
}

static bool add_step(struct dwarf_entry_kinds *kinds, struct dwarf_entry_kind *kind,
                     struct dwarf_entry_step step, struct error *error)
{
    if (!memory_reserve(&kinds->steps, &kinds->step_capacity, kinds->step_count + 1, sizeof(step),
                        error))
        return false;
    kinds->steps[kinds->step_count++] = step;
    kind->step_count++;
    kind->fixed = 0;
    return true;
}

/* The attributes of a kind, up to the pair of zeros. */
static bool read_attributes(struct dwarf_entry_kinds *kinds, struct dwarf_entry_kind *kind,
                            struct cursor *cursor, const char **reason, struct error *error)
{
    for (;;) {
        uint32_t attribute = cursor_number(cursor);
        uint32_t form = cursor_number(cursor);
        int size = size_of_form(form, &kinds->sizes);
        bool is_sibling = attribute == DW_AT_sibling && is_place_in_unit(form);
        if (cursor->is_garbled || (attribute == 0 && form == 0))
            return true;
        if (size == NOT_KNOWN || kind->fixed > UINT32_MAX - 16) {
            *reason = "an attribute has a form that is not known";
            return false;
        }
        if (form == DW_FORM_implicit_const)
            cursor_signed(cursor);
        kind->has_code = kind->has_code || is_place_of_code(attribute);
        if (size >= 0 && !is_sibling)
            kind->fixed += (uint32_t)size;
        else if (!add_step(kinds, kind, (struct dwarf_entry_step){kind->fixed, form, is_sibling},
                           error))
            return false;
    }
}

static int compare_kinds(const void *left, const void *right)
{
    const struct dwarf_entry_kind *a = left;
    const struct dwarf_entry_kind *b = right;
    return a->code < b->code ? -1 : a->code > b->code;
}

static bool read_kinds(struct dwarf_entry_kinds *kinds, struct cursor cursor, const char **reason,
                       struct error *error)
{
    bool is_sorted = true;
    uint32_t code;
    kinds->count = kinds->step_count = 0;
    while (cursor.next < cursor.end && !cursor.is_garbled && (code = cursor_number(&cursor)) != 0) {
        struct dwarf_entry_kind kind = {.code = code, .first_step = kinds->step_count};
        kind.tag = cursor_number(&cursor);
        kind.has_children = cursor_byte(&cursor) != DW_CHILDREN_no;
        if (!read_attributes(kinds, &kind, &cursor, reason, error) ||
            !memory_reserve(&kinds->items, &kinds->capacity, kinds->count + 1, sizeof(kind), error))
            return false;
        is_sorted = is_sorted && (kinds->count == 0 || kinds->items[kinds->count - 1].code < code);
        kinds->items[kinds->count++] = kind;
    }
    if (cursor.is_garbled) {
        *reason = "its abbreviations end in the middle";
        return false;
    }
    if (!is_sorted)
        qsort(kinds->items, kinds->count, sizeof(*kinds->items), compare_kinds);
    return true;
}

/* Compilers count codes from 1 on without gaps. */
static const struct dwarf_entry_kind *kind_of(const struct dwarf_entry_kinds *kinds, uint32_t code)
{
    if (code <= kinds->count && kinds->items[code - 1].code == code)
        return &kinds->items[code - 1];
    struct dwarf_entry_kind key = {.code = code};
    return kinds->count > 0 ? bsearch(&key, kinds->items, kinds->count, sizeof(key), compare_kinds)
                            : NULL;
}

void dwarf_entry_kinds_free(struct dwarf_entry_kinds *kinds)
{
    free(kinds->items);
    free(kinds->steps);
    *kinds = (struct dwarf_entry_kinds){0};
}

/* --- units -------------------------------------------------------------------------- */

/* The cursor is left behind what all headers have, and ends where the unit does. */
static const char *read_header(struct cursor *cursor, struct dwarf_entry_sizes *sizes,
                               uint64_t *abbreviations)
{
    uint64_t size = number_of(cursor, 4);
    sizes->offset = size == LONG_FORM ? 8 : 4;
    if (size == LONG_FORM)
        size = number_of(cursor, 8);
    if (cursor->is_garbled || size > (size_t)(cursor->end - cursor->next))
        return past_the_end;
    cursor->end = cursor->next + size;
    sizes->version = (uint16_t)number_of(cursor, 2);
    if (sizes->version >= 5) {
        cursor_byte(cursor); /* what kind of unit it is */
        sizes->address = cursor_byte(cursor);
    }
    *abbreviations = number_of(cursor, sizes->offset);
    if (sizes->version < 5)
        sizes->address = cursor_byte(cursor);
    if (cursor->is_garbled)
        return "its header ends in the middle";
    return sizes->version >= 2 && sizes->version <= 5 ? NULL : "its version is not known";
}

static bool have_kinds(struct dwarf_entry_kinds *kinds, const struct dwarf_entry_sizes *sizes,
                       const struct section_bytes *abbreviations, uint64_t offset,
                       const char **reason, struct error *error)
{
    const uint8_t *table = abbreviations->bytes + offset;
    if (kinds->table == table && kinds->sizes.version == sizes->version &&
        kinds->sizes.offset == sizes->offset && kinds->sizes.address == sizes->address)
        return true;
    kinds->table = NULL;
    kinds->sizes = *sizes;
    if (!read_kinds(kinds, cursor_over(table, abbreviations->size - offset), reason, error))
        return false;
    kinds->table = table;
    return true;
}

bool dwarf_entries_begin(struct dwarf_entries *entries, struct dwarf_entry_kinds *kinds,
                         const struct section_bytes *unit,
                         const struct section_bytes *abbreviations, const uint8_t *root,
                         const char **reason, struct error *error)
{
    struct cursor cursor = cursor_over(unit->bytes, unit->size);
    struct dwarf_entry_sizes sizes;
    struct dwarf_entry entry;
    uint64_t table;
    *reason = read_header(&cursor, &sizes, &table);
    if (!*reason && table >= abbreviations->size)
        *reason = "its abbreviations are past the end of their section";
    if (!*reason && (root < cursor.next || root >= cursor.end))
        *reason = "an entry is not in it";
    if (*reason || !have_kinds(kinds, &sizes, abbreviations, table, reason, error))
        return false;
    cursor.next = root;
    *entries = (struct dwarf_entries){.kinds = kinds, .unit = unit->bytes, .cursor = cursor};
    if (dwarf_entries_next(entries, &entry) && entries->has_children)
        return true;
    *reason = entries->trouble;
    entries->cursor.end = entries->cursor.next; /* there is nothing below it */
    return !*reason;
}

/* --- entries ------------------------------------------------------------------------ */

/* What is next in the file: an entry, the end of a list of children, or nothing. */
enum found { FOUND_NOTHING, FOUND_END, FOUND_ENTRY };

static enum found give_up(struct dwarf_entries *entries, const char *trouble)
{
    entries->trouble = trouble;
    entries->cursor.end = entries->cursor.next;
    entries->has_children = false;
    return FOUND_NOTHING;
}

static void pass_steps(struct dwarf_entries *entries, const struct dwarf_entry_kind *kind)
{
    const struct dwarf_entry_kinds *kinds = entries->kinds;
    struct cursor *cursor = &entries->cursor;
    for (size_t i = 0; i < kind->step_count && !cursor->is_garbled; i++) {
        const struct dwarf_entry_step *step = &kinds->steps[kind->first_step + i];
        pass(cursor, step->fixed);
        if (step->is_sibling)
            entries->sibling = number_of(cursor, (unsigned)size_of_form(step->form, &kinds->sizes));
        else
            pass_form(cursor, step->form, &kinds->sizes);
    }
}

static enum found take(struct dwarf_entries *entries, struct dwarf_entry *entry)
{
    struct cursor *cursor = &entries->cursor;
    entries->has_children = false;
    if (cursor->next == cursor->end)
        return FOUND_NOTHING;
    entry->bytes = cursor->next;
    uint32_t code = *cursor->next < 0x80 ? *cursor->next++ : cursor_number(cursor);
    if (code == 0)
        return FOUND_END;
    const struct dwarf_entry_kind *kind = kind_of(entries->kinds, code);
    if (!kind)
        return give_up(entries, "an entry's abbreviation is not in its table");
    entry->tag = kind->tag;
    entry->has_code = kind->has_code;
    entries->has_children = kind->has_children;
    entries->sibling = 0;
    pass_steps(entries, kind);
    pass(cursor, kind->fixed);
    return cursor->is_garbled ? give_up(entries, "an entry ends in the middle") : FOUND_ENTRY;
}

bool dwarf_entries_next(struct dwarf_entries *entries, struct dwarf_entry *entry)
{
    enum found found;
    entries->depth += entries->has_children;
    while ((found = take(entries, entry)) == FOUND_END && entries->depth > 1)
        entries->depth--;
    if (found == FOUND_END) /* of what the walk began at: what follows is not below it */
        entries->cursor.end = entries->cursor.next;
    entry->depth = entries->depth;
    return found == FOUND_ENTRY;
}

/* To the sibling of the last entry, where it tells one that is ahead. */
static bool jump(struct dwarf_entries *entries)
{
    struct cursor *cursor = &entries->cursor;
    if (entries->sibling < (uint64_t)(cursor->next - entries->unit) ||
        entries->sibling > (uint64_t)(cursor->end - entries->unit))
        return false;
    cursor->next = entries->unit + entries->sibling;
    entries->has_children = false;
    return true;
}

void dwarf_entries_skip_children(struct dwarf_entries *entries)
{
    struct dwarf_entry below;
    enum found found = FOUND_ENTRY;
    if (!entries->has_children || jump(entries))
        return;
    for (size_t lists = 1; lists > 0 && found != FOUND_NOTHING;) {
        found = take(entries, &below);
        if (found == FOUND_END)
            lists--;
        else if (entries->has_children && !jump(entries))
            lists++;
    }
    entries->has_children = false;
}
