#include "analyzer/model/debug/compilation.h"

#include <assert.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/section_bytes.h"
#include "analyzer/model/debug/dwarf_units.h"
#include "analyzer/model/debug/pseudo_probes.h"

/* In the name of every local function that clang gave a name of its own. */
#define UNIQUE_NAME ".__uniq."

/* The name of gcc's units of what was linked. */
#define LINKED_UNIT "<artificial>"

/* Its producer begins like gcc's. */
#define GNU_ASSEMBLER "GNU AS"

static const struct {
    const char *name;
    const char *words; /* in its producer, with the version behind them */
} compilers[COMPILERS] = {
    [COMPILER_OTHER] = {"another compiler", NULL},
    /* rustc's producer begins like clang's. */
    [COMPILER_RUSTC] = {"rustc", "rustc version "},
    [COMPILER_CLANG] = {"clang", "clang version "},
    /* Before the language: C17, C++17, Fortran2008, Ada, D, and GIMPLE of what it links itself. */
    [COMPILER_GCC] = {"gcc", "GNU "},
    [COMPILER_GO] = {"go", "Go cmd/compile go"},
};

const char *compiler_name(enum compiler compiler)
{
    return compilers[compiler].name;
}

/* "GNU C++17 12.2.0 -mtune=…": the version is the second word after the language's. */
static const char *version_of_gcc(const char *words)
{
    const char *blank = strchr(words, ' ');
    return blank ? blank + 1 : "";
}

static enum compiler compiler_of(const char *producer, unsigned *version)
{
    static const enum compiler order[] = {COMPILER_RUSTC, COMPILER_CLANG, COMPILER_GO,
                                          COMPILER_GCC};
    *version = 0;
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
        const char *found = strstr(producer, compilers[order[i]].words);
        if (!found || strncmp(found, GNU_ASSEMBLER, strlen(GNU_ASSEMBLER)) == 0)
            continue;
        found += strlen(compilers[order[i]].words);
        *version =
            (unsigned)strtoul(order[i] == COMPILER_GCC ? version_of_gcc(found) : found, NULL, 10);
        return order[i];
    }
    if (strncmp(producer, "GCC: (", 6) == 0) { /* as .comment has it */
        const char *end = strchr(producer, ')');
        *version = end ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
        return COMPILER_GCC;
    }
    return COMPILER_OTHER;
}

/* --- units of debug information -------------------------------------------------------- */

static bool add_range(struct compilation *compilation, struct compiled_range range,
                      struct error *error)
{
    if (!memory_reserve(&compilation->ranges, &compilation->range_capacity,
                        compilation->range_count + 1, sizeof(range), error))
        return false;
    compilation->ranges[compilation->range_count++] = range;
    return true;
}

/* Looks no further once the compiler is known to make discriminators. */
static void read_lines(Dwarf_Die *unit, struct compiled_part *part)
{
    Dwarf_Lines *lines;
    size_t count;
    if (part->has_discriminators || dwarf_getsrclines(unit, &lines, &count) != 0)
        return;
    part->has_lines |= count > 0;
    for (size_t i = 0; i < count && !part->has_discriminators; i++) {
        unsigned discriminator;
        part->has_discriminators =
            dwarf_linediscriminator(dwarf_onesrcline(lines, i), &discriminator) == 0 &&
            discriminator != 0;
    }
}

static const char *text_of(const struct dwarf_unit *unit, Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute found;
    const char *text = dwarf_attr(die, attribute, &found) ? dwarf_unit_text(unit, &found) : NULL;
    return text ? text : "";
}

/* Whole units have both in their root, split ones the directory in the skeleton. */
static bool add_unit(struct compilation *compilation, const char *name, const char *directory,
                     const char *producer, uint32_t *number, struct error *error)
{
    struct compiled_unit *last =
        compilation->unit_count > 0 ? &compilation->units[compilation->unit_count - 1] : NULL;
    if (!last || strcmp(last->name, name) != 0 || strcmp(last->directory, directory) != 0) {
        if (!memory_reserve(&compilation->units, &compilation->unit_capacity,
                            compilation->unit_count + 1, sizeof(*compilation->units), error))
            return false;
        last = &compilation->units[compilation->unit_count++];
        last->name = memory_copy_text(name, error);
        last->directory = last->name ? memory_copy_text(directory, error) : NULL;
        last->producer = last->directory ? names_intern(&compilation->producers, producer,
                                                        strlen(producer), error)
                                         : NULL;
        if (!last->producer)
            return false;
        unsigned version;
        last->compiler = compiler_of(producer, &version);
    }
    *number = (uint32_t)(compilation->unit_count - 1);
    return true;
}

/* Adds what a unit or a function has of code that is there; *size grows by it. */
static bool add_code(struct compilation *compilation, const struct binary *binary, Dwarf_Die *die,
                     struct compiled_range range, uint64_t *size, struct error *error)
{
    Dwarf_Addr base, start, end;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
        size_t rest;
        /* What the linker left out is still described, at 0. */
        if (start >= end || !binary_code_at(binary, start, &rest))
            continue;
        range.start = start;
        range.end = end;
        *size += end - start;
        if (!add_range(compilation, range, error))
            return false;
    }
    return true;
}

/*
 * gcc's link-time optimisation makes units of its own; which source a function is of is told
 * by the unit that its entry refers to.
 */
static bool add_linked_functions(struct compilation *compilation, const struct binary *binary,
                                 struct dwarf_unit *unit, struct compiled_range range,
                                 uint64_t *size, struct error *error)
{
    Dwarf_Die function, origin, root;
    Dwarf_Attribute attribute;
    if (dwarf_child(&unit->die, &function) != 0)
        return true;
    do {
        if (dwarf_tag(&function) != DW_TAG_subprogram ||
            !dwarf_attr(&function, DW_AT_abstract_origin, &attribute) ||
            !dwarf_formref_die(&attribute, &origin) || !dwarf_diecu(&origin, &root, NULL, NULL))
            continue;
        if (!add_unit(compilation, text_of(unit, &root, DW_AT_name),
                      text_of(unit, &root, DW_AT_comp_dir), text_of(unit, &root, DW_AT_producer),
                      &range.unit, error) ||
            !add_code(compilation, binary, &function, range, size, error))
            return false;
    } while (dwarf_siblingof(&function, &function) == 0);
    return true;
}

bool compilation_is_rust_library(const char *directory, const char *name)
{
    /* Where rustc's makers compile it, and what it is built with. */
    static const char *const directories[] = {"/rustc/", "/rust/deps/"};
    size_t size = strlen(directory);
    for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
        if (strncmp(directory, directories[i], strlen(directories[i])) == 0)
            return true;
    }
    /* Packages of systems are built in a folder of their own: cargo names a project's by "src/". */
    return size > 1 && strncmp(name, directory, size) == 0 &&
           strncmp(name + size, "/library/", strlen("/library/")) == 0;
}

static bool read_unit(struct compilation *compilation, const struct binary *binary,
                      struct dwarf_unit *unit, uint64_t largest[COMPILERS], struct error *error)
{
    const char *producer = text_of(unit, &unit->die, DW_AT_producer);
    const char *directory = text_of(unit, &unit->skeleton, DW_AT_comp_dir);
    const char *name = text_of(unit, &unit->die, DW_AT_name);
    unsigned version;
    struct compiled_range range = {.compiler = compiler_of(producer, &version)};
    struct compiled_part *part = &compilation->parts[range.compiler];
    uint64_t size = 0;
    range.is_library =
        range.compiler == COMPILER_RUSTC && compilation_is_rust_library(directory, name);
    bool is_linked = strcmp(name, LINKED_UNIT) == 0;
    if (is_linked ? !add_linked_functions(compilation, binary, unit, range, &size, error)
                  : !add_unit(compilation, name, directory, producer, &range.unit, error) ||
                        !add_code(compilation, binary, &unit->skeleton, range, &size, error))
        return false;
    if (size == 0)
        return true;
    part->code_size += size;
    if (size > largest[range.compiler]) {
        largest[range.compiler] = size;
        part->version = version;
        text_printable(producer, part->producer, sizeof(part->producer));
    }
    read_lines(&unit->skeleton, part);
    return true;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct compiled_range *a = left;
    const struct compiled_range *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

static bool read_units(struct compilation *compilation, const struct binary *binary,
                       struct dwarf_units *units, struct error *error)
{
    uint64_t largest[COMPILERS] = {0};
    struct dwarf_unit unit;
    bool found;
    while (dwarf_units_next(units, &unit)) {
        compilation->has_debug_information = true;
        if (!dwarf_unit_load(units, &unit, &found, error) ||
            !read_unit(compilation, binary, &unit, largest, error))
            return false;
    }
    if (compilation->range_count > 0)
        qsort(compilation->ranges, compilation->range_count, sizeof(*compilation->ranges),
              compare_ranges);
    return true;
}

/* --- sections --------------------------------------------------------------------------- */

static bool section_has(Elf *elf, const char *name, const char *words)
{
    struct section_bytes section = section_bytes_of(elf, name);
    return section.bytes && memmem(section.bytes, section.size, words, strlen(words));
}

/* Compilers leave their names here too, where there is no debug information to tell more. */
static void read_comment(struct compilation *compilation, const struct binary *binary)
{
    struct section_bytes section = section_bytes_of(binary->elf, ".comment");
    const char *text = (const char *)section.bytes;
    for (size_t at = 0; at < section.size;) {
        size_t size = strnlen(text + at, section.size - at);
        if (at + size >= section.size)
            return;
        unsigned version;
        struct compiled_part *part = &compilation->parts[compiler_of(text + at, &version)];
        if (size > 0 && !*part->producer) {
            text_printable(text + at, part->producer, sizeof(part->producer));
            part->version = version;
        }
        at += size + 1;
    }
}

/* Strings that compilers left there; a last one without an end is none. */
static bool read_command_lines(struct compilation *compilation, Elf *elf, struct error *error)
{
    struct section_bytes section = section_bytes_of(elf, ".GCC.command.line");
    const char *text = (const char *)section.bytes;
    for (size_t at = 0; at < section.size;) {
        size_t size = strnlen(text + at, section.size - at);
        if (at + size >= section.size)
            break;
        if (size > 0 && !names_intern(&compilation->command_lines, text + at, size, error))
            return false;
        at += size + 1;
    }
    return true;
}

static bool has_unique_names(const struct binary *binary)
{
    for (size_t i = 0; i < binary_function_count(binary); i++)
        if (strstr(binary_function(binary, i)->name, UNIQUE_NAME))
            return true;
    /* All of them may have been inlined. */
    return section_has(binary_debug_elf(binary), ".debug_str", UNIQUE_NAME);
}

/* rustc's mangling as it was by default ends in a hash: 17h, 16 hexadecimal digits, E. */
static bool is_legacy_name(const char *name)
{
    size_t size = strlen(name);
    return strncmp(name, "_ZN", 3) == 0 && size > 20 && name[size - 1] == 'E' &&
           strncmp(name + size - 20, "17h", 3) == 0;
}

const struct compiled_range *compilation_range_at(const struct compilation *compilation,
                                                  uint64_t address)
{
    const struct compiled_range *ranges = compilation->ranges;
    size_t next = SEARCH_COUNT(compilation->range_count, i, ranges[i].start <= address);
    return next > 0 && address < ranges[next - 1].end ? &ranges[next - 1] : NULL;
}

const struct compiled_unit *compilation_unit_of(const struct compilation *compilation,
                                                const struct compiled_range *range)
{
    assert(range->unit < compilation->unit_count);
    return &compilation->units[range->unit];
}

static bool has_legacy_names(const struct compilation *compilation, const struct binary *binary)
{
    size_t legacy = 0, others = 0;
    for (size_t i = 0; i < binary_function_count(binary); i++) {
        const struct function *function = binary_function(binary, i);
        const struct compiled_range *range = compilation_range_at(compilation, function->address);
        if (!range || range->compiler != COMPILER_RUSTC || range->is_library)
            continue;
        legacy += is_legacy_name(function->name);
        others += strncmp(function->name, "_R", 2) == 0;
    }
    return legacy > others;
}

bool compilation_read(struct compilation *compilation, const struct binary *binary,
                      struct error *error)
{
    *compilation = (struct compilation){.has_probes = binary_has_probes(binary),
                                        .has_unique_names = has_unique_names(binary)};
    struct dwarf_units *units = dwarf_units_open(binary, error);
    bool done =
        units ? read_units(compilation, binary, units, error) : error->code == ERROR_NO_DEBUG_INFO;
    dwarf_units_free(units);
    if (!done || !read_command_lines(compilation, binary->elf, error) ||
        !read_command_lines(compilation, binary_debug_elf(binary), error))
        return false;
    compilation->has_legacy_names = has_legacy_names(compilation, binary);
    if (compilation->range_count == 0)
        read_comment(compilation, binary);
    if (section_bytes_of(binary->elf, ".go.buildinfo").bytes &&
        !*compilation->parts[COMPILER_GO].producer)
        snprintf(compilation->parts[COMPILER_GO].producer,
                 sizeof(compilation->parts[COMPILER_GO].producer), "Go");
    return true;
}

void compilation_free(struct compilation *compilation)
{
    for (size_t i = 0; i < compilation->unit_count; i++) {
        free(compilation->units[i].name);
        free(compilation->units[i].directory);
    }
    names_free(&compilation->producers);
    names_free(&compilation->command_lines);
    free(compilation->units);
    free(compilation->ranges);
    *compilation = (struct compilation){0};
}

enum compiler compilation_at(const struct compilation *compilation, uint64_t address)
{
    const struct compiled_range *range = compilation_range_at(compilation, address);
    return range ? range->compiler : COMPILER_OTHER;
}
