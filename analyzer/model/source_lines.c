#include "analyzer/model/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary_parts.h"
#include "analyzer/model/name_suffixes.h"

/* Blocks in blocks: more than any compiler makes, less than the stack holds. */
#define DEEPEST 500

/* A function, or a copy of one that was inlined into the `parent`. */
struct node {
    const char *name;
    uint32_t declared; /* line */
    uint32_t parent;   /* of the function itself: NO_NODE */
    uint32_t call_line;
    uint32_t call_discriminator;
};

#define NO_NODE UINT32_MAX

/* Of a call; LLVM's, and not in every <dwarf.h>. */
#define ATTRIBUTE_DISCRIMINATOR 0x2136

/* Code of a node; what comes later in a list covers what came before. */
struct patch {
    uint64_t start;
    uint64_t end;
    uint32_t node;
};

/* A function of its own; all but `die` and `unit` only once it was asked for. */
struct subprogram {
    Dwarf_Die die;
    size_t unit;
    bool is_read;
    struct node *nodes; /* callers before what is inlined into them */
    size_t node_count, node_capacity;
    struct patch *patches; /* by address, not overlapping */
    size_t patch_count, patch_capacity;
};

struct unit {
    Dwarf_Die die;
    bool is_read;
    Dwarf_Lines *lines;
    size_t line_count;
};

struct source_lines {
    const struct binary *binary;
    Dwarf *dwarf;
    struct unit *units;
    size_t unit_count, unit_capacity;
    struct subprogram *subprograms;
    size_t subprogram_count, subprogram_capacity;
    struct source_range *ranges; /* by start, then in the order of the debug information */
    size_t range_count, range_capacity;
    const struct source_range **by_name; /* by name, then by start */
    struct source_frame *frames;
    size_t frame_capacity;
    char **names; /* of functions known by symbols that have more in them */
    size_t name_count, name_capacity;
};

/* --- attributes ------------------------------------------------------------------- */

/* An attribute of the entry or of the declaration that it completes. */
static uint32_t number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (!dwarf_attr_integrate(die, name, &attribute) || dwarf_formudata(&attribute, &value))
        return 0;
    return (uint32_t)value;
}

static const char *name_of(Dwarf_Die *die)
{
    static const unsigned names[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        Dwarf_Attribute attribute;
        const char *name;
        if (dwarf_attr_integrate(die, names[i], &attribute) &&
            (name = dwarf_formstring(&attribute)) && *name)
            return name;
    }
    return NULL;
}

/* --- functions -------------------------------------------------------------------- */

static bool add_range(struct source_lines *lines, struct source_range range, struct error *error)
{
    if (!memory_reserve(&lines->ranges, &lines->range_capacity, lines->range_count + 1,
                        sizeof(range), error))
        return false;
    lines->ranges[lines->range_count++] = range;
    return true;
}

/*
 * Cuts a range at the end of the code that it begins in.  Functions that the
 * linker left out have ranges where no code is: false.
 */
static bool clip_to_code(const struct source_lines *lines, uint64_t start, uint64_t *end)
{
    size_t size;
    if (start >= *end || !binary_code_at(lines->binary, start, &size))
        return false;
    if (*end - start > size)
        *end = start + size;
    return true;
}

static bool add_subprogram(struct source_lines *lines, size_t unit, Dwarf_Die *die,
                           struct error *error)
{
    const char *name = name_of(die);
    Dwarf_Addr base, start, end, entry;
    bool has_entry = dwarf_lowpc(die, &entry) == 0 && entry > 0;
    size_t first = lines->range_count;
    if (!name)
        return true;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
        if (!has_entry)
            entry = start;
        has_entry = true;
        if (clip_to_code(lines, start, &end) &&
            !add_range(lines,
                       (struct source_range){start, end, name, start == entry,
                                             (uint32_t)lines->subprogram_count},
                       error))
            return false;
    }
    if (lines->range_count == first)
        return true;
    if (!memory_reserve(&lines->subprograms, &lines->subprogram_capacity,
                        lines->subprogram_count + 1, sizeof(*lines->subprograms), error))
        return false;
    lines->subprograms[lines->subprogram_count++] = (struct subprogram){.die = *die, .unit = unit};
    return true;
}

/* Functions are in units, namespaces and types; those inside of functions are C extensions. */
static bool add_subprograms(struct source_lines *lines, size_t unit, Dwarf_Die *parent,
                            unsigned depth, struct error *error)
{
    Dwarf_Die die;
    if (depth > DEEPEST || dwarf_child(parent, &die) != 0)
        return true;
    do {
        bool done = true;
        switch (dwarf_tag(&die)) {
        case DW_TAG_subprogram:
            done = add_subprogram(lines, unit, &die, error);
            break;
        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
        case DW_TAG_enumeration_type:
            done = add_subprograms(lines, unit, &die, depth + 1, error);
            break;
        default:
            break;
        }
        if (!done)
            return false;
    } while (dwarf_siblingof(&die, &die) == 0);
    return true;
}

static bool add_units(struct source_lines *lines, struct error *error)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Half version;
    uint8_t type;
    Dwarf_Die die;
    while (dwarf_get_units(lines->dwarf, unit, &unit, &version, &type, &die, NULL) == 0) {
        if (type != DW_UT_compile)
            continue;
        if (!memory_reserve(&lines->units, &lines->unit_capacity, lines->unit_count + 1,
                            sizeof(*lines->units), error))
            return false;
        lines->units[lines->unit_count++] = (struct unit){.die = die};
        if (!add_subprograms(lines, lines->unit_count - 1, &die, 0, error))
            return false;
    }
    return true;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct source_range *a = left;
    const struct source_range *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->function_number < b->function_number ? -1 : a->function_number > b->function_number;
}

static int compare_names(const void *left, const void *right)
{
    const struct source_range *a = *(const struct source_range *const *)left;
    const struct source_range *b = *(const struct source_range *const *)right;
    int order = strcmp(a->function, b->function);
    return order ? order : (a > b) - (a < b);
}

/* A function in one piece begins where it does, whatever else is known. */
static void mark_entries(struct source_lines *lines)
{
    for (size_t i = 0; i < lines->range_count; i++) {
        const char *name = lines->by_name[i]->function;
        bool alone =
            (i == 0 || strcmp(lines->by_name[i - 1]->function, name) != 0) &&
            (i + 1 == lines->range_count || strcmp(lines->by_name[i + 1]->function, name) != 0);
        if (alone)
            lines->ranges[lines->by_name[i] - lines->ranges].is_entry = true;
    }
}

/* --- functions known by symbols ------------------------------------------------------- */

static const char *keep_name(struct source_lines *lines, const char *name, size_t size,
                             struct error *error)
{
    if (!memory_reserve(&lines->names, &lines->name_capacity, lines->name_count + 1, sizeof(char *),
                        error))
        return NULL;
    char *copy = strndup(name, size);
    if (copy)
        lines->names[lines->name_count++] = copy;
    else
        memory_exhausted(error);
    return copy;
}

/* Of several symbols the first in the table: BOLT's name without a local symbol's number. */
static size_t symbol_size(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash && strspn(slash + 1, "0123456789") == strlen(slash + 1) ? (size_t)(slash - name)
                                                                         : strlen(name);
}

/* The ranges are those of the debug information, sorted; the new ones come behind them. */
static bool add_symbols(struct source_lines *lines, struct error *error)
{
    struct source_lines described = *lines;
    for (size_t i = 0; i < binary_function_count(lines->binary); i++) {
        const struct function *function = binary_function(lines->binary, i);
        uint64_t end = function->address + function->size;
        described.ranges = lines->ranges;
        if (function->is_plt || source_range_at(&described, function->address) ||
            !clip_to_code(lines, function->address, &end))
            continue;
        size_t size = symbol_size(function->bolt_name);
        size_t plain = name_size_of_function(function->bolt_name, size);
        bool is_entry = name_size_of_entry(function->bolt_name, size) == plain;
        const char *name = keep_name(lines, function->bolt_name, plain, error);
        struct source_range range = {function->address, end, name, is_entry, SOURCE_NO_FUNCTION};
        if (!name || !add_range(lines, range, error))
            return false;
    }
    return true;
}

static bool index_ranges(struct source_lines *lines, bool with_symbols, struct error *error)
{
    if (lines->range_count > 0)
        qsort(lines->ranges, lines->range_count, sizeof(*lines->ranges), compare_ranges);
    if (with_symbols && !add_symbols(lines, error))
        return false;
    if (lines->range_count == 0) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(lines->binary), NULL);
        return false;
    }
    qsort(lines->ranges, lines->range_count, sizeof(*lines->ranges), compare_ranges);
    lines->by_name = calloc(lines->range_count, sizeof(struct source_range *));
    if (!lines->by_name)
        return memory_exhausted(error);
    for (size_t i = 0; i < lines->range_count; i++)
        lines->by_name[i] = &lines->ranges[i];
    qsort(lines->by_name, lines->range_count, sizeof(struct source_range *), compare_names);
    mark_entries(lines);
    return true;
}

struct source_lines *source_lines_open(const struct binary *binary, bool with_symbols,
                                       struct error *error)
{
    struct source_lines *lines = calloc(1, sizeof(*lines));
    if (!lines) {
        memory_exhausted(error);
        return NULL;
    }
    lines->binary = binary;
    lines->dwarf = dwarf_begin_elf(binary_debug_elf(binary), DWARF_C_READ, NULL);
    if (!lines->dwarf && !with_symbols)
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "%s", dwarf_errmsg(-1));
    else if ((!lines->dwarf || add_units(lines, error)) && index_ranges(lines, with_symbols, error))
        return lines;
    source_lines_free(lines);
    return NULL;
}

void source_lines_free(struct source_lines *lines)
{
    if (!lines)
        return;
    for (size_t i = 0; i < lines->subprogram_count; i++) {
        free(lines->subprograms[i].nodes);
        free(lines->subprograms[i].patches);
    }
    free(lines->subprograms);
    free(lines->units);
    free(lines->ranges);
    free((void *)lines->by_name);
    free(lines->frames);
    for (size_t i = 0; i < lines->name_count; i++)
        free(lines->names[i]);
    free((void *)lines->names);
    dwarf_end(lines->dwarf);
    free(lines);
}

const struct source_range *source_ranges(const struct source_lines *lines, size_t *count)
{
    *count = lines->range_count;
    return lines->ranges;
}

const struct source_range *source_range_at(const struct source_lines *lines, uint64_t address)
{
    size_t low = 0;
    size_t high = lines->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->ranges[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct source_range *range = &lines->ranges[low - 1];
    while (range > lines->ranges && range[-1].start == range->start)
        range--;
    return address < range->end ? range : NULL;
}

const struct source_range *source_range_of_name(const struct source_lines *lines, const char *name,
                                                const struct source_range *after)
{
    size_t low = 0;
    size_t high = lines->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(lines->by_name[middle]->function, name);
        if (order < 0 || (order == 0 && after && lines->by_name[middle] <= after))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == lines->range_count || strcmp(lines->by_name[low]->function, name) != 0)
        return NULL;
    return lines->by_name[low];
}

/* --- inlined functions -------------------------------------------------------------- */

static bool add_node(struct subprogram *subprogram, Dwarf_Die *die, uint32_t parent,
                     struct error *error)
{
    uint32_t number = (uint32_t)subprogram->node_count;
    Dwarf_Addr base, start, end;
    struct node node = {.name = name_of(die),
                        .declared = number_of(die, DW_AT_decl_line),
                        .parent = parent,
                        .call_line = number_of(die, DW_AT_call_line),
                        .call_discriminator = number_of(die, ATTRIBUTE_DISCRIMINATOR)};
    if (!memory_reserve(&subprogram->nodes, &subprogram->node_capacity, subprogram->node_count + 1,
                        sizeof(node), error))
        return false;
    subprogram->nodes[subprogram->node_count++] = node;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
        if (start >= end)
            continue;
        if (!memory_reserve(&subprogram->patches, &subprogram->patch_capacity,
                            subprogram->patch_count + 1, sizeof(struct patch), error))
            return false;
        subprogram->patches[subprogram->patch_count++] = (struct patch){start, end, number};
    }
    return true;
}

static bool add_inlined(struct subprogram *subprogram, Dwarf_Die *parent, uint32_t node,
                        unsigned depth, struct error *error)
{
    Dwarf_Die die;
    if (depth > DEEPEST || dwarf_child(parent, &die) != 0)
        return true;
    do {
        uint32_t inner = node;
        int tag = dwarf_tag(&die);
        if (tag == DW_TAG_subprogram)
            continue;
        if (tag == DW_TAG_inlined_subroutine) {
            inner = (uint32_t)subprogram->node_count;
            if (!add_node(subprogram, &die, node, error))
                return false;
        }
        if (!add_inlined(subprogram, &die, inner, depth + 1, error))
            return false;
    } while (dwarf_siblingof(&die, &die) == 0);
    return true;
}

static int compare_addresses(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static size_t address_index(const uint64_t *addresses, size_t count, uint64_t address)
{
    const uint64_t *found =
        bsearch(&address, addresses, count, sizeof(*addresses), compare_addresses);
    return (size_t)(found - addresses);
}

/* Cuts the patches at each other's ends, so that each address is in the innermost alone. */
static bool flatten(struct subprogram *subprogram, struct error *error)
{
    size_t count = 0;
    uint64_t *ends = calloc(2 * subprogram->patch_count + 1, sizeof(*ends));
    struct patch *flat = calloc(2 * subprogram->patch_count + 1, sizeof(*flat));
    if (!ends || !flat) {
        free(ends);
        free(flat);
        return memory_exhausted(error);
    }
    for (size_t i = 0; i < subprogram->patch_count; i++) {
        ends[2 * i] = subprogram->patches[i].start;
        ends[2 * i + 1] = subprogram->patches[i].end;
    }
    qsort(ends, 2 * subprogram->patch_count, sizeof(*ends), compare_addresses);
    for (size_t i = 0; i < 2 * subprogram->patch_count; i++) {
        if (count == 0 || ends[count - 1] != ends[i])
            ends[count++] = ends[i];
    }
    for (size_t i = 0; i + 1 < count; i++)
        flat[i] = (struct patch){ends[i], ends[i + 1], NO_NODE};
    for (size_t i = 0; i < subprogram->patch_count; i++) {
        const struct patch *patch = &subprogram->patches[i];
        for (size_t k = address_index(ends, count, patch->start); ends[k] < patch->end; k++)
            flat[k].node = patch->node;
    }
    free(ends);
    free(subprogram->patches);
    subprogram->patches = flat;
    subprogram->patch_count = count > 0 ? count - 1 : 0;
    return true;
}

static bool read_subprogram(struct subprogram *subprogram, struct error *error)
{
    if (subprogram->is_read)
        return true;
    subprogram->is_read = true;
    return add_node(subprogram, &subprogram->die, NO_NODE, error) &&
           add_inlined(subprogram, &subprogram->die, 0, 0, error) && flatten(subprogram, error);
}

static uint32_t node_at(const struct subprogram *subprogram, uint64_t address)
{
    size_t low = 0;
    size_t high = subprogram->patch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (subprogram->patches[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < subprogram->patch_count && subprogram->patches[low].start <= address
               ? subprogram->patches[low].node
               : NO_NODE;
}

/* --- lines ------------------------------------------------------------------------- */

static uint64_t line_address(const struct unit *unit, size_t index)
{
    Dwarf_Addr address = 0;
    dwarf_lineaddr(dwarf_onesrcline(unit->lines, index), &address);
    return address;
}

/*
 * libdw has 24 bits for a discriminator and gives up on tables with larger ones;
 * half a profile would be worse than none.
 */
static bool read_lines(struct source_lines *lines, struct unit *unit, struct error *error)
{
    if (unit->is_read)
        return true;
    if (dwarf_hasattr(&unit->die, DW_AT_stmt_list) &&
        dwarf_getsrclines(&unit->die, &unit->lines, &unit->line_count) != 0) {
        const char *name = dwarf_diename(&unit->die);
        error_set(
            error, ERROR_NO_DEBUG_INFO, binary_path(lines->binary),
            "the line table of %s cannot be read: %s; programs compiled with "
            "-fpseudo-probe-for-profiling have profiles by probes alone (llvm-text, llvm-ext)",
            name ? name : "a unit", dwarf_errmsg(-1));
        return false;
    }
    unit->is_read = true;
    return true;
}

/* The line that the address is on: that of the last row at or before it; 0 where there is none. */
static void find_line(const struct unit *unit, uint64_t address, uint32_t *number,
                      uint32_t *discriminator)
{
    size_t low = 0;
    size_t high;
    bool is_end = true;
    int line = 0;
    unsigned value = 0;
    *number = *discriminator = 0;
    for (high = unit->line_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (line_address(unit, middle) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return;
    Dwarf_Line *row = dwarf_onesrcline(unit->lines, low - 1);
    if (dwarf_lineendsequence(row, &is_end) != 0 || is_end || dwarf_lineno(row, &line) != 0 ||
        dwarf_linediscriminator(row, &value) != 0)
        return;
    *number = (uint32_t)line;
    *discriminator = value;
}

bool source_frames_at(struct source_lines *lines, uint64_t address,
                      const struct source_frame **frames, size_t *count, struct error *error)
{
    const struct source_range *range = source_range_at(lines, address);
    uint32_t line, discriminator;
    size_t depth = 0;
    *frames = NULL;
    *count = 0;
    if (!range || range->function_number == SOURCE_NO_FUNCTION)
        return true;
    struct subprogram *subprogram = &lines->subprograms[range->function_number];
    struct unit *unit = &lines->units[subprogram->unit];
    if (!read_subprogram(subprogram, error) || !read_lines(lines, unit, error))
        return false;
    uint32_t innermost = node_at(subprogram, address);
    for (uint32_t node = innermost; node != NO_NODE; node = subprogram->nodes[node].parent)
        depth++;
    if (!memory_reserve(&lines->frames, &lines->frame_capacity, depth + 1, sizeof(*lines->frames),
                        error))
        return false;
    find_line(unit, address, &line, &discriminator);
    for (uint32_t node = innermost; node != NO_NODE; node = subprogram->nodes[node].parent) {
        const struct node *function = &subprogram->nodes[node];
        lines->frames[--depth] =
            (struct source_frame){.function = function->name,
                                  .line_offset = (line - function->declared) & 0xffff,
                                  .discriminator = discriminator,
                                  .line = line,
                                  .declared = function->declared};
        line = function->call_line;
        discriminator = function->call_discriminator;
        *count += 1;
    }
    /* Inside of a function without a name nothing can be told apart. */
    for (size_t i = 0; i < *count; i++) {
        if (!lines->frames[i].function)
            *count = i;
    }
    *frames = lines->frames;
    return true;
}
