#include "analyzer/model/binary/symbol_faults.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/binary/binary_symbols.h"

/* A name in memory, and the number of FILE symbols before it. */
struct table_name {
    struct binary_symbol symbol;
    size_t file;
};

struct named_symbols {
    struct table_name *items; /* by name, then as in the table */
    size_t count, capacity;
    size_t files;
    struct symbol_faults *faults;
};

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool see(void *context, const struct binary_symbol *symbol, struct error *error)
{
    struct named_symbols *symbols = context;
    if (begins_with(symbol->name, "__asan_init"))
        symbols->faults->sanitizer = symbol->name;
    if (begins_with(symbol->name, "__llvm_coverage_mapping"))
        symbols->faults->coverage = symbol->name;
    if (strcmp(symbol->name, "__morestack") == 0)
        symbols->faults->split_stack = symbol->name;
    symbols->files += symbol->is_file;
    if (!symbol->is_in_memory || *symbol->name == '\0')
        return true;
    if (!memory_reserve(&symbols->items, &symbols->capacity, symbols->count + 1,
                        sizeof(*symbols->items), error))
        return false;
    symbols->items[symbols->count++] = (struct table_name){*symbol, symbols->files};
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct table_name *a = left;
    const struct table_name *b = right;
    int order = strcmp(a->symbol.name, b->symbol.name);
    return order                               ? order
           : a->symbol.place < b->symbol.place ? -1
                                               : a->symbol.place > b->symbol.place;
}

/* "__hot_start" and "__hot_end" are marks for BOLT itself. */
static bool is_mark(const char *name)
{
    return strcmp(name, "__hot_start") == 0 || strcmp(name, "__hot_end") == 0;
}

static void find_not_unique(struct named_symbols *symbols)
{
    const struct binary_symbol *before = NULL;
    for (size_t i = 0; i < symbols->count; i++) {
        const struct binary_symbol *symbol = &symbols->items[i].symbol;
        if (symbol->is_local || is_mark(symbol->name))
            continue;
        if (before && strcmp(before->name, symbol->name) == 0 &&
            (before->address != symbol->address || before->size != symbol->size))
            symbols->faults->not_unique = symbol->name;
        before = symbol;
    }
}

/* --- parts of functions -------------------------------------------------------- */

/* How much of a part's name is its function's: up to the last ".cold" or ".warm"; 0: no part. */
static size_t function_name_size(const char *name)
{
    for (size_t i = strlen(name); i-- > 0;)
        if (strncmp(name + i, ".cold", 5) == 0 || strncmp(name + i, ".warm", 5) == 0)
            return i;
    return 0;
}

/* The first of the symbols of that name; `symbols->count` where there is none. */
static size_t find_name(const struct named_symbols *symbols, const char *name, size_t size)
{
    size_t first =
        SEARCH_COUNT(symbols->count, i, strncmp(symbols->items[i].symbol.name, name, size) < 0);
    bool found = first < symbols->count &&
                 strncmp(symbols->items[first].symbol.name, name, size) == 0 &&
                 symbols->items[first].symbol.name[size] == '\0';
    return found ? first : symbols->count;
}

/* As llvm-bolt looks for the function that a part is of. */
static void find_function(struct named_symbols *symbols, const struct table_name *part, size_t size)
{
    const char *name = part->symbol.name;
    size_t locals = 0, globals = 0, in_same_file = 0;
    for (size_t i = find_name(symbols, name, size); i < symbols->count; i++) {
        const struct table_name *named = &symbols->items[i];
        if (strncmp(named->symbol.name, name, size) != 0 || named->symbol.name[size] != '\0')
            break;
        locals += named->symbol.is_local;
        globals += !named->symbol.is_local;
        in_same_file +=
            named->symbol.is_local && named->symbol.is_function && named->file == part->file;
    }
    if (globals == 0 && locals == 1)
        return;
    if (globals > 0 && (locals == 0 || !part->symbol.is_local))
        return;
    if (symbols->files == 0 || part->file == 0)
        symbols->faults->part_without_file = name;
    else if (in_same_file == 0 && globals == 0)
        symbols->faults->part_without_function = name;
}

static void find_parts(struct named_symbols *symbols, const struct binary *binary)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct table_name *part = &symbols->items[i];
        size_t rest, size = function_name_size(part->symbol.name);
        if (size > 0 && binary_code_at(binary, part->symbol.address, &rest))
            find_function(symbols, part, size);
    }
}

bool symbol_faults_find(const struct binary *binary, struct symbol_faults *faults,
                        struct error *error)
{
    struct named_symbols symbols = {.faults = faults};
    memset(faults, 0, sizeof(*faults));
    if (binary_is_stripped(binary))
        return true;
    bool done = binary_visit_symbols(binary, see, &symbols, error);
    if (done && symbols.count > 0) {
        qsort(symbols.items, symbols.count, sizeof(*symbols.items), compare);
        find_not_unique(&symbols);
        find_parts(&symbols, binary);
    }
    free(symbols.items);
    return done;
}
