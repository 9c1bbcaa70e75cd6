#include "analyzer/model/debug/source_functions.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary_symbols.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/name_suffixes.h"

/* Of split units that were not found: a file, and how many. */
#define SPLIT_MISSING                                                                              \
    "%s is not found, and so misses the debug information of %zu compiled units (-gsplit-dwarf): " \
    "keep .dwo files where they were compiled, or name their directory or the package's with "     \
    "--debug-dir"

/* --- functions of a unit ------------------------------------------------------------ */

static bool add_range(struct source_functions *functions, struct source_range range,
                      struct error *error)
{
    if (!memory_reserve(&functions->ranges, &functions->range_capacity, functions->range_count + 1,
                        sizeof(range), error))
        return false;
    functions->ranges[functions->range_count++] = range;
    return true;
}

/*
 * Cuts a range at the end of the code that it begins in.  Functions that the
 * linker left out have ranges where no code is: false.
 */
static bool clip_to_code(const struct source_functions *functions, uint64_t start, uint64_t *end)
{
    size_t size;
    if (start >= *end || !binary_code_at(functions->binary, start, &size))
        return false;
    if (*end - start > size)
        *end = start + size;
    return true;
}

/* The name that the source has: of a part of a coroutine that of the coroutine. */
static const char *plain_name(struct source_functions *functions, const char *name,
                              struct error *error)
{
    size_t size = strlen(name);
    size_t plain = name_size_of_coroutine(name, size);
    return plain == size ? name : names_intern(&functions->names, name, plain, error);
}

static bool add_subprogram(struct source_functions *functions, size_t unit, Dwarf_Die *die,
                           struct error *error)
{
    const struct dwarf_unit *debug = &functions->units[unit].debug;
    const char *name = NULL;
    uint64_t start, end, entry;
    bool has_entry = dwarf_unit_low_address(debug, die, &entry) && entry > 0;
    size_t first = functions->range_count;
    struct dwarf_unit_ranges code = dwarf_unit_ranges_of(debug, die);
    while (dwarf_unit_ranges_next(&code, &start, &end)) {
        if (!has_entry)
            entry = start;
        has_entry = true;
        if (!clip_to_code(functions, start, &end))
            continue;
        if (!name && !(name = dwarf_unit_function_name(debug, die)))
            return true;
        const char *plain = plain_name(functions, name, error);
        if (!plain)
            return false;
        /* What resumes a coroutine does not call it. */
        bool is_entry = start == entry && plain == name;
        if (!add_range(
                functions,
                (struct source_range){start, end, plain, is_entry, (uint32_t)functions->count},
                error))
            return false;
    }
    if (functions->range_count == first)
        return true;
    if (!memory_reserve(&functions->items, &functions->capacity, functions->count + 1,
                        sizeof(*functions->items), error))
        return false;
    functions->items[functions->count++] = (struct source_function){.die = *die, .unit = unit};
    return true;
}

static bool may_have_functions(uint32_t tag)
{
    switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
        return true;
    default:
        return false;
    }
}

/*
 * Functions are in units, namespaces and types, and in functions: lambdas and members of local
 * types where g++ compiled them, nested ones of C, D and Fortran.
 */
static bool add_subprograms(struct source_functions *functions, size_t unit, struct error *error)
{
    struct dwarf_unit *debug = &functions->units[unit].debug;
    struct dwarf_entries entries;
    struct dwarf_entry entry;
    if (!dwarf_unit_walk(functions->debug, debug, &debug->die, &entries, error))
        return false;
    while (dwarf_entries_next(&entries, &entry)) {
        Dwarf_Die die = dwarf_unit_entry(debug, &entry);
        if (entry.tag == DW_TAG_subprogram && entry.has_code &&
            !add_subprogram(functions, unit, &die, error))
            return false;
        if (!may_have_functions(entry.tag))
            dwarf_entries_skip_children(&entries);
    }
    return dwarf_unit_walked(functions->debug, debug, &entries, error);
}

/* --- units ------------------------------------------------------------------------ */

static bool add_units(struct source_functions *functions, struct error *error)
{
    struct dwarf_unit unit;
    while (dwarf_units_next(functions->debug, &unit)) {
        if (!memory_reserve(&functions->units, &functions->unit_capacity, functions->unit_count + 1,
                            sizeof(*functions->units), error))
            return false;
        functions->units[functions->unit_count++] = (struct source_unit){.debug = unit};
    }
    return true;
}

static bool read_unit(struct source_functions *functions, size_t unit, struct error *error)
{
    struct source_unit *read = &functions->units[unit];
    bool found;
    if (read->is_read)
        return true;
    read->is_read = true;
    /* What a skeleton may have of inlined functions is too little to count lines by. */
    return dwarf_unit_load(functions->debug, &read->debug, &found, error) &&
           (!found || add_subprograms(functions, unit, error));
}

/* Which unit code belongs to. */
struct unit_range {
    uint64_t start, end;
    size_t unit;
};

struct unit_ranges {
    struct unit_range *items; /* by start */
    size_t count, capacity;
};

static int compare_unit_ranges(const void *left, const void *right)
{
    uint64_t a = ((const struct unit_range *)left)->start;
    uint64_t b = ((const struct unit_range *)right)->start;
    return COMPARE(a, b);
}

/* Reads the units that are touched, and those that do not tell what their code is. */
static bool read_touched(struct source_functions *functions, const struct address_ranges *touched,
                         struct unit_ranges *index, struct error *error)
{
    for (size_t i = 0; i < functions->unit_count; i++) {
        Dwarf_Addr base, start, end;
        bool is_touched = false, has_ranges = false;
        for (ptrdiff_t at = 0; (at = dwarf_ranges(&functions->units[i].debug.skeleton, at, &base,
                                                  &start, &end)) > 0;) {
            has_ranges = true;
            is_touched = is_touched || address_ranges_meet(touched, start, end);
            if (!memory_reserve(&index->items, &index->capacity, index->count + 1,
                                sizeof(*index->items), error))
                return false;
            index->items[index->count++] = (struct unit_range){start, end, i};
        }
        if ((is_touched || !has_ranges) && !read_unit(functions, i, error))
            return false;
    }
    if (index->count > 0)
        qsort(index->items, index->count, sizeof(*index->items), compare_unit_ranges);
    return true;
}

/* Ranges of units do not overlap but at 0, where what the linker left out is. */
static bool read_unit_at(struct source_functions *functions, const struct unit_ranges *index,
                         uint64_t address, struct error *error)
{
    size_t next = SEARCH_COUNT(index->count, i, index->items[i].start <= address);
    return next == 0 || address >= index->items[next - 1].end ||
           read_unit(functions, index->items[next - 1].unit, error);
}

/* --- namesakes -------------------------------------------------------------------- */

/*
 * Whether a symbol's function may be called in debug information what one that
 * is touched is called.  Suffixes begin with a dot.  g++ leaves out the linkage
 * names of functions in anonymous namespaces, whose plain names their symbols
 * have in them, behind their size.
 */
static bool may_be_called(const struct names *touched, const char *symbol)
{
    size_t size = strlen(symbol);
    if (names_find(touched, symbol, size) || names_find(touched, symbol, strcspn(symbol, ".")))
        return true;
    if (strncmp(symbol, "_Z", 2) != 0)
        return false;
    for (const char *at = symbol + 2; *at;) {
        char *name;
        if (*at < '0' || *at > '9') {
            at++;
            continue;
        }
        unsigned long part = strtoul(at, &name, 10);
        if (part > size - (size_t)(name - symbol)) {
            at = name;
            continue;
        }
        if (names_find(touched, name, part))
            return true;
        at = name + part;
    }
    return false;
}

struct namesakes {
    struct source_functions *functions;
    const struct unit_ranges *index;
    const struct names *touched;
};

static bool read_namesake(void *context, const struct binary_symbol *symbol, struct error *error)
{
    const struct namesakes *namesakes = context;
    return !symbol->is_function || !symbol->is_defined ||
           !may_be_called(namesakes->touched, symbol->name) ||
           read_unit_at(namesakes->functions, namesakes->index, symbol->address, error);
}

/* Functions of one name are known together; without symbols all units are read for that. */
static bool read_namesakes(struct source_functions *functions, const struct address_ranges *touched,
                           const struct unit_ranges *index, struct error *error)
{
    struct names names = {0};
    bool done = true;
    for (size_t i = 0; done && i < functions->range_count; i++) {
        const struct source_range *range = &functions->ranges[i];
        if (address_ranges_meet(touched, range->start, range->end))
            done = names_intern(&names, range->function, strlen(range->function), error) != NULL;
    }
    if (!binary_has_symbols(functions->binary)) {
        for (size_t i = 0; done && i < functions->unit_count; i++)
            done = read_unit(functions, i, error);
    }
    struct namesakes namesakes = {functions, index, &names};
    done = done && (names.count == 0 ||
                    binary_visit_symbols(functions->binary, read_namesake, &namesakes, error));
    names_free(&names);
    return done;
}

static bool read_units(struct source_functions *functions, const struct address_ranges *touched,
                       struct error *error)
{
    struct unit_ranges index = {0};
    bool done = add_units(functions, error);
    for (size_t i = 0; done && !touched && i < functions->unit_count; i++)
        done = read_unit(functions, i, error);
    if (done && touched)
        done = read_touched(functions, touched, &index, error) &&
               read_namesakes(functions, touched, &index, error);
    free(index.items);
    return done;
}

/* --- order ------------------------------------------------------------------------- */

/* Of ranges at one address the first in the debug information comes first. */
static int compare_ranges(const void *left, const void *right, void *context)
{
    const struct source_functions *functions = context;
    const struct source_range *a = left;
    const struct source_range *b = right;
    bool from_symbol =
        a->function_number == SOURCE_NO_FUNCTION || b->function_number == SOURCE_NO_FUNCTION;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    int order = from_symbol ? 0
                            : COMPARE(functions->items[a->function_number].unit,
                                      functions->items[b->function_number].unit);
    return order ? order : COMPARE(a->function_number, b->function_number);
}

static void sort_ranges(struct source_functions *functions)
{
    if (functions->range_count > 0)
        qsort_r(functions->ranges, functions->range_count, sizeof(*functions->ranges),
                compare_ranges, functions);
}

static int compare_names(const void *left, const void *right)
{
    const struct source_range *a = *(const struct source_range *const *)left;
    const struct source_range *b = *(const struct source_range *const *)right;
    int order = strcmp(a->function, b->function);
    return order ? order : (a > b) - (a < b);
}

/* A function in one piece begins where it does, whatever else is known. */
static void mark_entries(struct source_functions *functions)
{
    for (size_t i = 0; i < functions->range_count; i++) {
        const char *name = functions->by_name[i]->function;
        bool alone = (i == 0 || strcmp(functions->by_name[i - 1]->function, name) != 0) &&
                     (i + 1 == functions->range_count ||
                      strcmp(functions->by_name[i + 1]->function, name) != 0);
        if (alone)
            functions->ranges[functions->by_name[i] - functions->ranges].is_entry = true;
    }
}

/* --- functions known by symbols ------------------------------------------------------- */

/* Of several symbols the first in the table: BOLT's name without a local symbol's number. */
static size_t symbol_size(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash && strspn(slash + 1, "0123456789") == strlen(slash + 1) ? (size_t)(slash - name)
                                                                         : strlen(name);
}

/* The ranges are those of the debug information, sorted; the new ones come behind them. */
static bool add_symbols(struct source_functions *functions, struct error *error)
{
    struct source_functions described = *functions;
    for (size_t i = 0; i < binary_function_count(functions->binary); i++) {
        const struct function *function = binary_function(functions->binary, i);
        uint64_t end = function->address + function->size;
        described.ranges = functions->ranges;
        if (function->is_plt || source_functions_at(&described, function->address) ||
            !clip_to_code(functions, function->address, &end))
            continue;
        size_t size = symbol_size(function->bolt_name);
        size_t plain = name_size_of_function(function->bolt_name, size);
        bool is_entry = name_size_of_entry(function->bolt_name, size) == plain;
        const char *name = names_intern(&functions->names, function->bolt_name, plain, error);
        struct source_range range = {function->address, end, name, is_entry, SOURCE_NO_FUNCTION};
        if (!name || !add_range(functions, range, error))
            return false;
    }
    return true;
}

/* `is_part`: only of what is touched, which may have none. */
static bool index_ranges(struct source_functions *functions, bool with_symbols, bool is_part,
                         struct error *error)
{
    sort_ranges(functions);
    if (with_symbols && !add_symbols(functions, error))
        return false;
    if (functions->range_count == 0 && !is_part) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(functions->binary), NULL);
        return false;
    }
    sort_ranges(functions);
    functions->by_name = calloc(functions->range_count + 1, sizeof(struct source_range *));
    if (!functions->by_name)
        return memory_exhausted(error);
    for (size_t i = 0; i < functions->range_count; i++)
        functions->by_name[i] = &functions->ranges[i];
    qsort((void *)functions->by_name, functions->range_count, sizeof(struct source_range *),
          compare_names);
    mark_entries(functions);
    return true;
}

/* Some split units missing is said, and no profile is written where all are. */
static bool check_missing(const struct source_functions *functions, struct error *error)
{
    const char *file;
    const char *path = binary_path(functions->binary);
    size_t missing = dwarf_units_missing(functions->debug, &file);
    if (missing > 0 && functions->range_count > 0)
        message_warning("%s: " SPLIT_MISSING, path, file, missing);
    else if (missing > 0)
        error_set(error, ERROR_NO_DEBUG_INFO, path, SPLIT_MISSING, file, missing);
    return missing == 0 || functions->range_count > 0;
}

bool source_functions_read(struct source_functions *functions, const struct binary *binary,
                           bool with_symbols, const struct address_ranges *touched,
                           struct error *error)
{
    functions->binary = binary;
    functions->debug = dwarf_units_open(binary, error);
    if (!functions->debug && !(with_symbols && error->code == ERROR_NO_DEBUG_INFO))
        return false;
    return (!functions->debug ||
            (read_units(functions, touched, error) && check_missing(functions, error))) &&
           index_ranges(functions, with_symbols, touched && functions->unit_count > 0, error);
}

void source_functions_free(struct source_functions *functions)
{
    free(functions->units);
    free(functions->items);
    free(functions->ranges);
    free((void *)functions->by_name);
    names_free(&functions->names);
    dwarf_units_free(functions->debug);
    *functions = (struct source_functions){0};
}

const struct source_range *source_functions_at(const struct source_functions *functions,
                                               uint64_t address)
{
    size_t next = SEARCH_COUNT(functions->range_count, i, functions->ranges[i].start <= address);
    if (next == 0)
        return NULL;
    const struct source_range *range = &functions->ranges[next - 1];
    while (range > functions->ranges && range[-1].start == range->start)
        range--;
    return address < range->end ? range : NULL;
}

/* Whether the range comes before the first of that name that is behind `after`. */
static bool is_before(const struct source_range *range, const char *name,
                      const struct source_range *after)
{
    int order = strcmp(range->function, name);
    return order < 0 || (order == 0 && after && range <= after);
}

const struct source_range *source_functions_named(const struct source_functions *functions,
                                                  const char *name,
                                                  const struct source_range *after)
{
    size_t next =
        SEARCH_COUNT(functions->range_count, i, is_before(functions->by_name[i], name, after));
    if (next == functions->range_count || strcmp(functions->by_name[next]->function, name) != 0)
        return NULL;
    return functions->by_name[next];
}
