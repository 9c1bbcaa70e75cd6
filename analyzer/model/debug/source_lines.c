#include "analyzer/model/debug/source_lines.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/hash_index.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/names.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/section_bytes.h"
#include "analyzer/model/debug/inlining.h"
#include "analyzer/model/debug/line_header.h"
#include "analyzer/model/debug/line_table.h"
#include "analyzer/model/debug/source_functions.h"

/* Entries between an inlined function and its declaration: never more. */
#define DEEPEST_REFERENCE 8

/* Read once they are asked for. */
struct function_inlining {
    bool is_read;
    bool is_trampoline;
    struct inlining inlining;
};

struct unit_lines {
    bool is_read;
    struct line_table table;
};

/* A file by its unit and number there; NULL: none is known. */
struct told_file {
    const void *unit;
    uint64_t number;
    const char *path;
};

struct source_lines {
    const struct binary *binary;
    struct source_functions functions;
    struct function_inlining *inlinings; /* by number of the function */
    struct unit_lines *units;            /* by number of the unit */
    struct address_ranges wanted;        /* what lines are read of */
    struct section_bytes section;        /* .debug_line */
    bool has_columns;
    struct source_frame *frames;
    size_t frame_capacity;
    struct names paths;     /* of files that libdw does not tell */
    struct told_file *told; /* those that were asked for */
    size_t told_count, told_capacity;
    struct hash_index told_index;
};

/* --- opening ----------------------------------------------------------------------- */

/* All code of the functions that are touched: wholly, and of their namesakes. */
static bool find_wanted(struct source_lines *lines, const struct address_ranges *touched,
                        struct error *error)
{
    const struct source_functions *functions = &lines->functions;
    for (size_t i = 0; i < functions->range_count; i++) {
        const struct source_range *range = &functions->ranges[i];
        if (touched && !address_ranges_meet(touched, range->start, range->end))
            continue;
        for (const struct source_range *same = NULL;
             (same = source_functions_named(functions, range->function, same));) {
            if (!address_ranges_add(&lines->wanted, same->start, same->end, error))
                return false;
            if (!touched)
                break;
        }
    }
    address_ranges_join(&lines->wanted);
    return true;
}

static bool prepare(struct source_lines *lines, const struct address_ranges *touched,
                    struct error *error)
{
    lines->inlinings = calloc(lines->functions.count + 1, sizeof(*lines->inlinings));
    lines->units = calloc(lines->functions.unit_count + 1, sizeof(*lines->units));
    if (!lines->inlinings || !lines->units)
        return memory_exhausted(error);
    lines->section = section_bytes_of(binary_debug_elf(lines->binary), ".debug_line");
    return find_wanted(lines, touched, error);
}

struct source_lines *source_lines_open(const struct binary *binary, bool with_symbols,
                                       const struct address_ranges *touched, struct error *error)
{
    struct source_lines *lines = calloc(1, sizeof(*lines));
    if (!lines) {
        memory_exhausted(error);
        return NULL;
    }
    lines->binary = binary;
    if (source_functions_read(&lines->functions, binary, with_symbols, touched, error) &&
        prepare(lines, touched, error))
        return lines;
    source_lines_free(lines);
    return NULL;
}

void source_lines_keep_columns(struct source_lines *lines)
{
    lines->has_columns = true;
}

void source_lines_free(struct source_lines *lines)
{
    if (!lines)
        return;
    for (size_t i = 0; lines->inlinings && i < lines->functions.count; i++)
        inlining_free(&lines->inlinings[i].inlining);
    for (size_t i = 0; lines->units && i < lines->functions.unit_count; i++)
        line_table_free(&lines->units[i].table);
    free(lines->inlinings);
    free(lines->units);
    address_ranges_free(&lines->wanted);
    source_functions_free(&lines->functions);
    free(lines->frames);
    names_free(&lines->paths);
    free(lines->told);
    hash_index_free(&lines->told_index);
    free(lines);
}

/* --- functions --------------------------------------------------------------------- */

const struct source_range *source_ranges(const struct source_lines *lines, size_t *count)
{
    *count = lines->functions.range_count;
    return lines->functions.ranges;
}

const struct source_range *source_range_at(const struct source_lines *lines, uint64_t address)
{
    return source_functions_at(&lines->functions, address);
}

const struct source_range *source_range_of_name(const struct source_lines *lines, const char *name,
                                                const struct source_range *after)
{
    return source_functions_named(&lines->functions, name, after);
}

/* --- lines ------------------------------------------------------------------------- */

/* Half a profile would be worse than none. */
static bool read_lines(struct source_lines *lines, size_t number, struct error *error)
{
    struct unit_lines *unit = &lines->units[number];
    Dwarf_Die *die = &lines->functions.units[number].debug.skeleton;
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    const char *reason = "there is no section .debug_line";
    if (unit->is_read)
        return true;
    unit->is_read = true;
    unit->table.has_columns = lines->has_columns;
    if (!dwarf_attr(die, DW_AT_stmt_list, &attribute))
        return true;
    if (dwarf_formudata(&attribute, &offset) != 0)
        reason = dwarf_errmsg(-1);
    else if (lines->section.bytes &&
             line_table_read(&unit->table, lines->section.bytes, lines->section.size, offset,
                             &lines->wanted, &reason, error))
        return true;
    if (reason) {
        const char *name = dwarf_diename(die);
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(lines->binary),
                  "the line table of %s cannot be read: %s", name ? name : "a unit", reason);
    }
    return false;
}

static bool read_inlining(struct source_lines *lines, uint32_t number, struct error *error)
{
    struct function_inlining *function = &lines->inlinings[number];
    if (function->is_read)
        return true;
    function->is_read = true;
    function->inlining.has_columns = lines->has_columns;
    struct source_function *read = &lines->functions.items[number];
    function->is_trampoline = dwarf_hasattr(&read->die, DW_AT_trampoline);
    return inlining_read(&function->inlining, lines->functions.debug,
                         &lines->functions.units[read->unit].debug, &read->die, error);
}

/*
 * Up to where nothing changes.  Ranges that overlap are told apart by their
 * beginnings: there another may be the one that counts.
 */
static uint64_t nearest(const struct source_lines *lines, const struct source_range *range,
                        uint64_t inlined, uint64_t line)
{
    const struct source_range *end = lines->functions.ranges + lines->functions.range_count;
    const struct source_range *next = range;
    while (next < end && next->start == range->start)
        next++;
    uint64_t until = range->end;
    if (next < end && next->start < until)
        until = next->start;
    if (inlined < until)
        until = inlined;
    return line < until ? line : until;
}

/* The entry that says where the function is declared: its own, or one that it refers to. */
static bool find_declaration(Dwarf_Die *die, Dwarf_Word *file)
{
    Dwarf_Attribute attribute;
    for (unsigned depth = 0; depth < DEEPEST_REFERENCE; depth++) {
        if (dwarf_attr(die, DW_AT_decl_file, &attribute))
            return dwarf_formudata(&attribute, file) == 0;
        if ((!dwarf_attr(die, DW_AT_abstract_origin, &attribute) &&
             !dwarf_attr(die, DW_AT_specification, &attribute)) ||
            !dwarf_formref_die(&attribute, die))
            return false;
    }
    return false;
}

/* The path, kept by `lines`. */
static const char *join_path(struct source_lines *lines, const char *unit_directory,
                             const struct line_file *file)
{
    const char *parts[] = {unit_directory, file->directory, file->name};
    struct error unused;
    char *path = NULL;
    size_t size;
    FILE *stream = open_memstream(&path, &size);
    size_t first = 0;
    if (!stream)
        return NULL;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (parts[i] && *parts[i] == '/')
            first = i;
    for (size_t i = first; i < sizeof(parts) / sizeof(*parts); i++)
        if (parts[i])
            fprintf(stream, "%s%s", ftell(stream) > 0 ? "/" : "", parts[i]);
    const char *kept =
        fclose(stream) == 0 ? names_intern(&lines->paths, path, size, &unused) : NULL;
    free(path);
    return kept;
}

static const char *directory_of(Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    return dwarf_attr(unit, DW_AT_comp_dir, &attribute) ? dwarf_formstring(&attribute) : NULL;
}

/*
 * What libdw does not tell.  In DWARF 5 files are counted from 0, which is the unit's own source
 * and where clang has most functions: to dwarf_decl_file(), 0 means that there is none.  And it
 * reads no line table with discriminators of more than 24 bits, as pseudo-probes have them.
 */
static const char *find_file(struct source_lines *lines, Dwarf_Die *die, Dwarf_Word number)
{
    Dwarf_Word offset;
    Dwarf_Attribute attribute;
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t count;
    struct line_header header;
    struct line_file file;
    if (dwarf_cu_info(die->cu, NULL, NULL, &unit, NULL, NULL, NULL, NULL) != 0)
        return NULL;
    if (dwarf_getsrcfiles(&unit, &files, &count) == 0)
        return number < count ? dwarf_filesrc(files, number, NULL, NULL) : NULL;
    Elf *elf = dwarf_getelf(dwarf_cu_getdwarf(die->cu));
    struct section_bytes section = section_bytes_of(elf, ".debug_line");
    struct line_strings strings = {section_bytes_of(elf, ".debug_line_str"),
                                   section_bytes_of(elf, ".debug_str")};
    if (!dwarf_attr(&unit, DW_AT_stmt_list, &attribute) ||
        dwarf_formudata(&attribute, &offset) != 0 || offset >= section.size)
        return NULL;
    struct cursor cursor = cursor_over(section.bytes + offset, section.size - offset);
    return !line_header_read(&header, &cursor) && line_header_file(&header, &strings, number, &file)
               ? join_path(lines, directory_of(&unit), &file)
               : NULL;
}

/* The same; the tables are gone through once for each file. */
static const char *told_file(struct source_lines *lines, Dwarf_Die die)
{
    Dwarf_Word number;
    struct error unused;
    if (!find_declaration(&die, &number))
        return NULL;
    uint64_t hash = hash_mix((uintptr_t)die.cu, number);
    uint32_t known;
    size_t slot = HASH_INDEX_FIRST;
    while ((known = hash_index_next(&lines->told_index, hash, &slot)) != HASH_INDEX_NONE) {
        if (lines->told[known].unit == die.cu && lines->told[known].number == number)
            return lines->told[known].path;
    }
    const char *path = find_file(lines, &die, number);
    /* Without memory it is looked up again next time. */
    if (memory_reserve(&lines->told, &lines->told_capacity, lines->told_count + 1,
                       sizeof(*lines->told), &unused) &&
        hash_index_add(&lines->told_index, hash, (uint32_t)lines->told_count, &unused))
        lines->told[lines->told_count++] = (struct told_file){die.cu, number, path};
    return path;
}

const char *source_frame_file(struct source_lines *lines, const struct source_frame *frame)
{
    Dwarf_Die die = frame->die;
    const char *file = dwarf_decl_file(&die);
    return file ? file : told_file(lines, frame->die);
}

const char *source_frame_directory(const struct source_frame *frame)
{
    Dwarf_Die die = frame->die;
    Dwarf_Die unit;
    return dwarf_diecu(&die, &unit, NULL, NULL) ? directory_of(&unit) : NULL;
}

bool source_frames_at(struct source_lines *lines, uint64_t address,
                      const struct source_frame **frames, size_t *count, uint64_t *until,
                      struct error *error)
{
    const struct source_range *range = source_range_at(lines, address);
    size_t depth = 0;
    *frames = NULL;
    *count = 0;
    *until = address + 1;
    if (!range || range->function_number == SOURCE_NO_FUNCTION)
        return true;
    size_t unit = lines->functions.items[range->function_number].unit;
    if (!read_inlining(lines, range->function_number, error) || !read_lines(lines, unit, error))
        return false;
    const struct inlining *inlining = &lines->inlinings[range->function_number].inlining;
    uint64_t inlined_until, line_until;
    uint32_t innermost = inlining_at(inlining, address, &inlined_until);
    for (uint32_t node = innermost; node != INLINING_NONE; node = inlining->nodes[node].parent)
        depth++;
    if (!memory_reserve(&lines->frames, &lines->frame_capacity, depth + 1, sizeof(*lines->frames),
                        error))
        return false;
    const struct line_row *row = line_table_at(&lines->units[unit].table, address, &line_until);
    uint32_t line = row ? row->line : 0;
    uint32_t column = row ? row->column : 0;
    uint32_t discriminator = row ? row->discriminator : 0;
    for (uint32_t node = innermost; node != INLINING_NONE; node = inlining->nodes[node].parent) {
        const struct inlined *function = &inlining->nodes[node];
        lines->frames[--depth] =
            (struct source_frame){.function = function->function,
                                  .die = function->die,
                                  .line_offset = (line - function->declared) & 0xffff,
                                  .discriminator = discriminator,
                                  .line = line,
                                  .column = column,
                                  .declared = function->declared};
        line = function->call_line;
        column = function->call_column;
        discriminator = function->call_discriminator;
        *count += 1;
    }
    /* Inside of a function without a name nothing can be told apart. */
    for (size_t i = 0; i < *count; i++) {
        if (!lines->frames[i].function)
            *count = i;
    }
    if (*count > 0)
        lines->frames[0].is_trampoline = lines->inlinings[range->function_number].is_trampoline;
    *frames = lines->frames;
    *until = nearest(lines, range, inlined_until, line_until);
    return true;
}
