#include "analyzer/model/debug/dwarf_units.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/model/debug/split_dwarf.h"

#define ADDRESS_BYTES 8

/* Before the entries of .debug_str_offsets and .debug_rnglists in DWARF 5, by size of offsets. */
#define STRING_OFFSETS_HEADER(offset_size) ((offset_size) == 8 ? 16 : 8)
#define RANGE_LISTS_HEADER(offset_size) ((offset_size) == 8 ? 20 : 12)

struct dwarf_units {
    const struct binary *binary;
    Dwarf *dwarf;
    Elf *shared_elf; /* what dwz -m moved out */
    Dwarf *shared;
    Dwarf_CU *last; /* where the iteration is */
    struct section_bytes entries, abbreviations;
    struct dwarf_entry_kinds kinds; /* of the unit that was walked last */
    struct split_dwarf *split;      /* opened with the first skeleton */
    size_t missing_count;
    const char *first_missing;
};

/* --- opening --------------------------------------------------------------------- */

struct dwarf_units *dwarf_units_open(const struct binary *binary, struct error *error)
{
    Elf *elf = binary_debug_elf(binary);
    struct dwarf_units *units = calloc(1, sizeof(*units));
    if (!units) {
        memory_exhausted(error);
        return NULL;
    }
    units->binary = binary;
    units->dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (!units->dwarf) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "%s",
                  binary_has_translation(binary)
                      ? "llvm-bolt left it out; give the binary that it was made of (-b), which "
                        "its table of addresses leads to, or relink with: -- "
                        "-update-debug-sections"
                  : binary_is_bolted(binary)
                      ? "llvm-bolt left it out, relink with: -- -update-debug-sections"
                      : dwarf_errmsg(-1));
        free(units);
        return NULL;
    }
    units->entries = section_bytes_of(elf, ".debug_info");
    units->abbreviations = section_bytes_of(elf, ".debug_abbrev");
    if (debug_file_find_shared(units->dwarf, binary_path(binary), &units->shared_elf, error)) {
        if (!units->shared_elf)
            return units;
        units->shared = dwarf_begin_elf(units->shared_elf, DWARF_C_READ, NULL);
        if (units->shared) {
            dwarf_setalt(units->dwarf, units->shared);
            return units;
        }
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "its .gnu_debugaltlink: %s",
                  dwarf_errmsg(-1));
    }
    dwarf_units_free(units);
    return NULL;
}

void dwarf_units_free(struct dwarf_units *units)
{
    if (!units)
        return;
    dwarf_entry_kinds_free(&units->kinds);
    split_dwarf_free(units->split);
    dwarf_end(units->dwarf);
    dwarf_end(units->shared);
    elf_end(units->shared_elf);
    free(units);
}

/* --- units ----------------------------------------------------------------------- */

/* An attribute that DWARF 5 or, as an extension, DWARF 4 has. */
static Dwarf_Attribute *attribute_of(Dwarf_Die *die, unsigned name, unsigned extension,
                                     Dwarf_Attribute *attribute)
{
    return dwarf_attr(die, name, attribute) ? attribute : dwarf_attr(die, extension, attribute);
}

static uint64_t base_of(Dwarf_Die *die, unsigned name, unsigned extension, uint64_t otherwise)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    return attribute_of(die, name, extension, &attribute) &&
                   dwarf_formudata(&attribute, &value) == 0
               ? value
               : otherwise;
}

static const char *text_of(Dwarf_Die *die, unsigned name, unsigned extension)
{
    Dwarf_Attribute attribute;
    return attribute_of(die, name, extension, &attribute) ? dwarf_formstring(&attribute) : NULL;
}

bool dwarf_units_next(struct dwarf_units *units, struct dwarf_unit *unit)
{
    Dwarf_Half version;
    uint8_t type;
    Dwarf_Die die;
    uint64_t id;
    while (dwarf_get_units(units->dwarf, units->last, &units->last, &version, &type, &die, NULL) ==
           0) {
        if (type != DW_UT_compile && type != DW_UT_skeleton)
            continue;
        *unit = (struct dwarf_unit){.die = die, .skeleton = die, .version = version};
        if (type == DW_UT_skeleton &&
            dwarf_cu_info(units->last, NULL, NULL, NULL, NULL, &id, NULL, NULL) == 0) {
            unit->is_split = true;
            unit->id = id;
        }
        return true;
    }
    return false;
}

bool dwarf_unit_load(struct dwarf_units *units, struct dwarf_unit *unit, bool *found,
                     struct error *error)
{
    Dwarf_Die *skeleton = &unit->skeleton;
    const char *directory = text_of(skeleton, DW_AT_comp_dir, DW_AT_comp_dir);
    const char *name = text_of(skeleton, DW_AT_dwo_name, DW_AT_GNU_dwo_name);
    Dwarf_Addr low;
    *found = !unit->is_split || unit->split;
    if (*found)
        return true;
    if (!units->split)
        units->split = split_dwarf_open(binary_path(units->binary), error);
    if (!units->split ||
        !split_dwarf_find(units->split, unit->id, directory, name, &unit->split, error))
        return false;
    *found = unit->split != NULL;
    if (!*found) {
        units->missing_count++;
        if (!units->first_missing)
            units->first_missing = name ? name : "a .dwo file";
        return true;
    }
    unit->die = unit->split->die;
    unit->addresses = section_bytes_of(binary_debug_elf(units->binary), ".debug_addr");
    unit->ranges = section_bytes_of(binary_debug_elf(units->binary), ".debug_ranges");
    unit->address_base =
        base_of(skeleton, DW_AT_addr_base, DW_AT_GNU_addr_base, unit->version >= 5 ? 8 : 0);
    unit->range_base = base_of(skeleton, DW_AT_GNU_ranges_base, DW_AT_GNU_ranges_base, 0);
    unit->low_address = dwarf_lowpc(skeleton, &low) == 0 ? low : 0;
    return true;
}

size_t dwarf_units_missing(const struct dwarf_units *units, const char **first)
{
    *first = units->first_missing;
    return units->missing_count;
}

/* --- entries --------------------------------------------------------------------- */

static bool set_unreadable(const struct dwarf_units *units, const struct dwarf_unit *unit,
                           const char *reason, struct error *error)
{
    Dwarf_Attribute attribute;
    Dwarf_Die die = unit->die;
    const char *name =
        dwarf_attr(&die, DW_AT_name, &attribute) ? dwarf_unit_text(unit, &attribute) : NULL;
    error_set(error, ERROR_NO_DEBUG_INFO, binary_path(units->binary),
              "the entries of %s cannot be read: %s", name ? name : "a unit", reason);
    return false;
}

bool dwarf_unit_walk(struct dwarf_units *units, const struct dwarf_unit *unit, Dwarf_Die *root,
                     struct dwarf_entries *entries, struct error *error)
{
    const struct split_unit *split = unit->split;
    const struct section_bytes *section = split ? &split->entries : &units->entries;
    const char *reason;
    uint64_t start = dwarf_dieoffset(root) - dwarf_cuoffset(root);
    struct section_bytes rest = section_bytes_part(section, start, section->size - start);
    if (dwarf_entries_begin(entries, &units->kinds, &rest,
                            split ? &split->abbreviations : &units->abbreviations, root->addr,
                            &reason, error))
        return true;
    return reason ? set_unreadable(units, unit, reason, error) : false;
}

bool dwarf_unit_walked(const struct dwarf_units *units, const struct dwarf_unit *unit,
                       const struct dwarf_entries *entries, struct error *error)
{
    return !entries->trouble || set_unreadable(units, unit, entries->trouble, error);
}

Dwarf_Die dwarf_unit_entry(const struct dwarf_unit *unit, const struct dwarf_entry *entry)
{
    Dwarf_Die die = unit->die;
    die.addr = (void *)entry->bytes;
    die.abbrev = NULL;
    return die;
}

/* --- attributes ------------------------------------------------------------------ */

/*
 * The number that an indexed form has; false where the form is another.  libdw
 * has checked, when it looked for the attribute, that it is inside its section.
 */
static bool index_of(const Dwarf_Attribute *attribute, uint64_t *index)
{
    unsigned width = 0;
    switch (attribute->form) {
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_str_index:
    case DW_FORM_GNU_addr_index: {
        struct cursor cursor = cursor_over(attribute->valp, 5);
        *index = cursor_number(&cursor);
        return !cursor.is_garbled;
    }
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        width = 1;
        break;
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        width = 2;
        break;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        width = 3;
        break;
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
        width = 4;
        break;
    default:
        return false;
    }
    struct section_bytes value = {attribute->valp, width};
    return section_bytes_number(&value, 0, width, index);
}

const char *dwarf_unit_text(const struct dwarf_unit *unit, Dwarf_Attribute *attribute)
{
    const struct split_unit *split = unit->split;
    uint64_t index, offset;
    if (!split || !index_of(attribute, &index))
        return dwarf_formstring(attribute);
    uint64_t base =
        attribute->form == DW_FORM_GNU_str_index ? 0 : STRING_OFFSETS_HEADER(split->offset_size);
    if (!section_bytes_number(&split->string_offsets, base + index * split->offset_size,
                              split->offset_size, &offset) ||
        offset >= split->strings.size ||
        !memchr(split->strings.bytes + offset, '\0', split->strings.size - offset))
        return NULL;
    return (const char *)split->strings.bytes + offset;
}

/* An entry of the binary's table of addresses. */
static bool address_at(const struct dwarf_unit *unit, uint64_t index, uint64_t *address)
{
    return section_bytes_number(&unit->addresses, unit->address_base + index * ADDRESS_BYTES,
                                ADDRESS_BYTES, address);
}

static bool address_of(const struct dwarf_unit *unit, Dwarf_Attribute *attribute, uint64_t *address)
{
    uint64_t index;
    Dwarf_Addr plain;
    if (index_of(attribute, &index))
        return address_at(unit, index, address);
    if (dwarf_formaddr(attribute, &plain) != 0)
        return false;
    *address = plain;
    return true;
}

bool dwarf_unit_low_address(const struct dwarf_unit *unit, Dwarf_Die *die, uint64_t *address)
{
    Dwarf_Attribute attribute;
    Dwarf_Addr low;
    if (unit->split)
        return dwarf_attr(die, DW_AT_low_pc, &attribute) && address_of(unit, &attribute, address);
    if (dwarf_lowpc(die, &low) != 0)
        return false;
    *address = low;
    return true;
}

/* --- ranges ---------------------------------------------------------------------- */

static struct cursor cursor_from(const struct section_bytes *section, uint64_t offset)
{
    return offset < section->size ? cursor_over(section->bytes + offset, section->size - offset)
                                  : cursor_over(NULL, 0);
}

static void find_list(struct dwarf_unit_ranges *ranges, Dwarf_Attribute *attribute)
{
    const struct dwarf_unit *unit = ranges->unit;
    const struct split_unit *split = unit->split;
    uint64_t index, offset;
    ranges->base = unit->low_address;
    if (index_of(attribute, &index)) {
        uint64_t header = RANGE_LISTS_HEADER(split->offset_size);
        ranges->form = DEBUG_RANGES_CODED;
        if (section_bytes_number(&split->range_lists, header + index * split->offset_size,
                                 split->offset_size, &offset))
            ranges->list = cursor_from(&split->range_lists, header + offset);
    } else if (attribute->form == DW_FORM_sec_offset) {
        /* libdw checks such offsets against the file that they are in, not the one they mean. */
        struct section_bytes value = {attribute->valp, split->offset_size};
        bool is_coded = split->range_lists.size > 0;
        section_bytes_number(&value, 0, split->offset_size, &offset);
        ranges->form = is_coded ? DEBUG_RANGES_CODED : DEBUG_RANGES_PAIRS;
        ranges->list = is_coded ? cursor_from(&split->range_lists, offset)
                                : cursor_from(&unit->ranges, unit->range_base + offset);
    }
}

struct dwarf_unit_ranges dwarf_unit_ranges_of(const struct dwarf_unit *unit, Dwarf_Die *die)
{
    struct dwarf_unit_ranges ranges = {.unit = unit, .die = die};
    Dwarf_Attribute attribute;
    Dwarf_Word size;
    if (!unit->split)
        return ranges;
    ranges.form = DEBUG_RANGES_ONE;
    if (dwarf_unit_low_address(unit, die, &ranges.low) &&
        dwarf_attr(die, DW_AT_high_pc, &attribute)) {
        if (!address_of(unit, &attribute, &ranges.high))
            ranges.high = dwarf_formudata(&attribute, &size) == 0 ? ranges.low + size : 0;
    } else if (dwarf_attr(die, DW_AT_ranges, &attribute)) {
        find_list(&ranges, &attribute);
    }
    return ranges;
}

/* DWARF 4, 2.17.3: pairs of offsets, and bases after an address of all ones. */
static bool next_pair(struct dwarf_unit_ranges *ranges, uint64_t *start, uint64_t *end)
{
    for (;;) {
        *start = cursor_fixed(&ranges->list);
        *end = cursor_fixed(&ranges->list);
        if (ranges->list.is_garbled || (*start == 0 && *end == 0))
            return false;
        if (*start != UINT64_MAX)
            break;
        ranges->base = *end;
    }
    *start += ranges->base;
    *end += ranges->base;
    return true;
}

/* DWARF 5, 2.17.3. */
static bool next_coded(struct dwarf_unit_ranges *ranges, uint64_t *start, uint64_t *end)
{
    struct cursor *list = &ranges->list;
    for (;;) {
        bool known = true;
        switch (cursor_byte(list)) {
        case DW_RLE_base_addressx:
            if (!address_at(ranges->unit, cursor_number(list), &ranges->base))
                return false;
            continue;
        case DW_RLE_base_address:
            ranges->base = cursor_fixed(list);
            continue;
        case DW_RLE_startx_endx:
            known = address_at(ranges->unit, cursor_number(list), start) &&
                    address_at(ranges->unit, cursor_number(list), end);
            break;
        case DW_RLE_startx_length:
            known = address_at(ranges->unit, cursor_number(list), start);
            *end = *start + cursor_number(list);
            break;
        case DW_RLE_offset_pair:
            *start = ranges->base + cursor_number(list);
            *end = ranges->base + cursor_number(list);
            break;
        case DW_RLE_start_end:
            *start = cursor_fixed(list);
            *end = cursor_fixed(list);
            break;
        case DW_RLE_start_length:
            *start = cursor_fixed(list);
            *end = *start + cursor_number(list);
            break;
        default: /* DW_RLE_end_of_list, or nothing that is known */
            return false;
        }
        return known && !list->is_garbled;
    }
}

bool dwarf_unit_ranges_next(struct dwarf_unit_ranges *ranges, uint64_t *start, uint64_t *end)
{
    Dwarf_Addr low, high;
    switch (ranges->form) {
    case DEBUG_RANGES_WHOLE:
        ranges->at = dwarf_ranges(ranges->die, ranges->at, &ranges->base, &low, &high);
        *start = low;
        *end = high;
        return ranges->at > 0;
    case DEBUG_RANGES_ONE:
        *start = ranges->low;
        *end = ranges->high;
        ranges->high = 0; /* once */
        return *start < *end;
    case DEBUG_RANGES_PAIRS:
        return next_pair(ranges, start, end);
    case DEBUG_RANGES_CODED:
        return next_coded(ranges, start, end);
    }
    return false;
}

const char *dwarf_unit_function_name(const struct dwarf_unit *unit, Dwarf_Die *die)
{
    static const unsigned names[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        Dwarf_Attribute attribute;
        const char *name;
        if (dwarf_attr_integrate(die, names[i], &attribute) &&
            (name = dwarf_unit_text(unit, &attribute)) && *name)
            return name;
    }
    return NULL;
}
