#include "analyzer/model/binary/binary_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary/binary_plt.h"
#include "analyzer/model/binary/binary_table.h"
#include "analyzer/model/binary/mini_symbols.h"

struct symbol {
    GElf_Sym elf;
    const char *name;
    /* In what BOLT wrote: the source that a local symbol is from; "" where that is not told. */
    const char *file;
    uint64_t section_address;
    uint32_t place;          /* in the symbol table */
    uint32_t serial;         /* N in "name/N", of a local symbol */
    uint32_t serial_in_file; /* N in "name/file/N" */
};

struct symbols {
    struct symbol *items;
    size_t count, capacity;
};

static bool is_function(const struct symbol *symbol)
{
    int type = GELF_ST_TYPE(symbol->elf.st_info);
    return type == STT_FUNC || type == STT_GNU_IFUNC;
}

/* What llvm-profgen looks for, too. */
static bool is_mark(const struct symbol *symbol)
{
    return GELF_ST_TYPE(symbol->elf.st_info) == STT_OBJECT &&
           strcmp(symbol->name, "__llvm_fs_discriminator__") == 0;
}

static bool is_local(const struct symbol *symbol)
{
    return GELF_ST_BIND(symbol->elf.st_info) == STB_LOCAL;
}

/* Of a file of 65280 sections and more: the table that has the numbers of symbols' sections. */
static Elf_Data *wide_indices(Elf *elf, size_t symbol_table)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    while ((section = elf_nextscn(elf, section)))
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB_SHNDX &&
            header.sh_link == symbol_table)
            return elf_getdata(section, NULL);
    return NULL;
}

/* The section of the symbol before, which most symbols share. */
struct last_section {
    Elf *elf;
    size_t index; /* SHN_UNDEF: none yet */
    GElf_Shdr header;
};

static bool section_find(struct last_section *section, size_t index)
{
    if (section->index == index)
        return true;
    section->index = SHN_UNDEF;
    if (!gelf_getshdr(elf_getscn(section->elf, index), &section->header))
        return false;
    section->index = index;
    return true;
}

/*
 * Whether BOLT gives the symbol a name: it is in memory, and inside its section, whose number is
 * `wide_index` where the symbol has no room for it.
 */
static inline bool is_in_memory(struct last_section *section, const GElf_Sym *symbol,
                                Elf32_Word wide_index, uint64_t *section_address)
{
    const GElf_Shdr *header = &section->header;
    size_t index = symbol->st_shndx == SHN_XINDEX ? wide_index : symbol->st_shndx;
    int type = GELF_ST_TYPE(symbol->st_info);
    *section_address = UINT64_MAX;
    if (type == STT_FILE || symbol->st_shndx == SHN_UNDEF || symbol->st_value == 0)
        return false;
    if (symbol->st_shndx == SHN_ABS)
        return true;
    if ((symbol->st_shndx >= SHN_LORESERVE && symbol->st_shndx != SHN_XINDEX) ||
        !section_find(section, index))
        return false;
    *section_address = header->sh_addr;
    return header->sh_flags & SHF_ALLOC && symbol->st_value >= header->sh_addr &&
           symbol->st_value - header->sh_addr <= header->sh_size &&
           symbol->st_size <= header->sh_size - (symbol->st_value - header->sh_addr);
}

/* A symbol as its table has it. */
struct table_symbol {
    GElf_Sym elf;
    size_t strings; /* the section that has its name */
    uint32_t place;
    bool is_in_memory;
    uint64_t section_address; /* where it is in memory */
};

typedef bool table_visitor(void *context, const struct table_symbol *symbol, struct error *error);

/* Inline, so that each of the two visitors is a part of its own loop. */
__attribute__((always_inline)) static inline bool visit_tables(const struct binary *binary,
                                                               Elf *elf, uint32_t table_type,
                                                               table_visitor *visit, void *context,
                                                               struct error *error)
{
    struct last_section last_section = {.elf = elf};
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            return binary_garbled(binary, error);
        if (header.sh_type != table_type)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        if (!data || header.sh_entsize == 0)
            return binary_garbled(binary, error);
        Elf_Data *wide = wide_indices(elf, elf_ndxscn(section));
        for (size_t i = 1; i < data->d_size / header.sh_entsize; i++) {
            struct table_symbol symbol;
            Elf32_Word wide_index = 0;
            if (!(wide ? gelf_getsymshndx(data, wide, (int)i, &symbol.elf, &wide_index)
                       : gelf_getsym(data, (int)i, &symbol.elf)))
                return binary_garbled(binary, error);
            symbol.strings = header.sh_link;
            symbol.place = (uint32_t)i;
            symbol.is_in_memory =
                is_in_memory(&last_section, &symbol.elf, wide_index, &symbol.section_address);
            if (!visit(context, &symbol, error))
                return false;
        }
    }
    return true;
}

struct symbol_reading {
    struct binary *binary;
    Elf *elf;
    struct symbols *symbols;
    const char *file; /* of local symbols, in what BOLT wrote */
};

static bool read_symbol(void *context, const struct table_symbol *found, struct error *error)
{
    struct symbol_reading *reading = context;
    struct symbols *symbols = reading->symbols;
    struct binary *binary = reading->binary;
    if (binary->has_translation && GELF_ST_TYPE(found->elf.st_info) == STT_FILE) {
        const char *file = elf_strptr(reading->elf, found->strings, found->elf.st_name);
        reading->file = file ? file : "";
    }
    if (!found->is_in_memory)
        return true;
    const char *name = elf_strptr(reading->elf, found->strings, found->elf.st_name);
    if (!name)
        return binary_garbled(binary, error);
    if (!memory_reserve(&symbols->items, &symbols->capacity, symbols->count + 1,
                        sizeof(*symbols->items), error))
        return false;
    struct symbol *symbol = &symbols->items[symbols->count++];
    *symbol = (struct symbol){.elf = found->elf,
                              .name = name,
                              .file = reading->file,
                              .section_address = found->section_address,
                              .place = found->place};
    binary->has_fs_discriminators = binary->has_fs_discriminators || is_mark(symbol);
    return true;
}

static bool read_symbols(struct binary *binary, Elf *elf, uint32_t table_type,
                         struct symbols *symbols, struct error *error)
{
    struct symbol_reading reading = {binary, elf, symbols, ""};
    return visit_tables(binary, elf, table_type, read_symbol, &reading, error);
}

static int compare_by_address(const void *left, const void *right)
{
    const struct symbol *a = left;
    const struct symbol *b = right;
    int a_section = GELF_ST_TYPE(a->elf.st_info) == STT_SECTION;
    int b_section = GELF_ST_TYPE(b->elf.st_info) == STT_SECTION;
    if (a->elf.st_value != b->elf.st_value)
        return a->elf.st_value < b->elf.st_value ? -1 : 1;
    if (is_function(a) != is_function(b))
        return is_function(a) ? -1 : 1;
    if (a_section != b_section)
        return a_section - b_section;
    return a->place < b->place ? -1 : a->place > b->place;
}

static int compare_by_name(const void *left, const void *right)
{
    const struct symbol *const *a = left;
    const struct symbol *const *b = right;
    int order = strcmp((*a)->name, (*b)->name);
    return order ? order : *a < *b ? -1 : *a > *b;
}

static int compare_by_file(const void *left, const void *right)
{
    const struct symbol *const *a = left;
    const struct symbol *const *b = right;
    int order = strcmp((*a)->name, (*b)->name);
    if (order == 0)
        order = strcmp((*a)->file, (*b)->file);
    return order ? order : *a < *b ? -1 : *a > *b;
}

/*
 * Numbers the local symbols of each name in the order that they have now; in what BOLT wrote, where
 * names tell the source file (see bolt_name), those of each name in a file, too.
 */
static bool number_locals(const struct binary *binary, struct symbols *symbols, struct error *error)
{
    struct symbol **locals = calloc(symbols->count + 1, sizeof(*locals));
    size_t count = 0;
    if (!locals)
        return memory_exhausted(error);
    for (size_t i = 0; i < symbols->count; i++) {
        if (is_local(&symbols->items[i]))
            locals[count++] = &symbols->items[i];
    }
    qsort(locals, count, sizeof(struct symbol *), compare_by_name);
    for (size_t i = 0; i < count; i++) {
        bool another = i > 0 && strcmp(locals[i]->name, locals[i - 1]->name) == 0;
        locals[i]->serial = another ? locals[i - 1]->serial + 1 : 1;
    }
    if (binary->has_translation)
        qsort(locals, count, sizeof(struct symbol *), compare_by_file);
    for (size_t i = 0; binary->has_translation && i < count; i++) {
        bool another = i > 0 && strcmp(locals[i]->name, locals[i - 1]->name) == 0 &&
                       strcmp(locals[i]->file, locals[i - 1]->file) == 0;
        locals[i]->serial_in_file = another ? locals[i - 1]->serial_in_file + 1 : 1;
    }
    free(locals);
    return true;
}

/*
 * Whether the symbol begins a function, given the one before it.  Hand-written
 * assembly has functions without a type: they count unless they are labels in
 * the function before.
 */
static bool begins_function(const struct binary *binary, const struct symbol *symbol,
                            const struct function *before)
{
    if (*symbol->name == '\0' || (before && symbol->elf.st_value - before->address < before->size))
        return false;
    const struct binary_section *section = binary_code_section_at(binary, symbol->elf.st_value);
    if (!section || section->address != symbol->section_address)
        return false;
    if (is_function(symbol))
        return true;
    if (GELF_ST_TYPE(symbol->elf.st_info) != STT_NOTYPE)
        return false;
    /* A label after a function of unknown size is inside it. */
    return !(before && before->size == 0 && is_local(symbol) &&
             binary_code_section_at(binary, before->address) == section);
}

/*
 * Numbers follow addresses, which BOLT changes: in what it wrote, local functions are told apart
 * by their source files, too, so that the name is the same in the binary that it read.
 */
static const char *bolt_name(struct binary *binary, const struct symbol *symbol,
                             struct error *error)
{
    const char *prefix = strncmp(symbol->name, ".L", 2) == 0 ? "PG" : "";
    if (is_local(symbol) && binary->has_translation && *symbol->file)
        return binary_keep_name(binary, error, "%s%s/%s/%u", prefix, symbol->name, symbol->file,
                                symbol->serial_in_file);
    if (is_local(symbol))
        return binary_keep_name(binary, error, "%s%s/%u", prefix, symbol->name, symbol->serial);
    return *prefix ? binary_keep_name(binary, error, "%s%s", prefix, symbol->name) : symbol->name;
}

static bool add_functions(struct binary *binary, const struct symbols *symbols, struct error *error)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct symbol *symbol = &symbols->items[i];
        struct function *before =
            binary->function_count > 0 ? &binary->functions[binary->function_count - 1] : NULL;
        if (before && before->address == symbol->elf.st_value) {
            /* An alias.  To people, the name that others link against says more. */
            if (is_function(symbol) && before->is_local && !is_local(symbol)) {
                before->name = symbol->name;
                before->is_local = false;
            }
            if (is_function(symbol) && symbol->elf.st_size > before->size)
                before->size = symbol->elf.st_size;
            continue;
        }
        if (!begins_function(binary, symbol, before))
            continue;
        struct function added = {.address = symbol->elf.st_value,
                                 .size = symbol->elf.st_size,
                                 .name = symbol->name,
                                 .bolt_name = bolt_name(binary, symbol, error),
                                 .is_local = is_local(symbol)};
        if (!added.bolt_name || !binary_add_function(binary, &added, error))
            return false;
    }
    return true;
}

static int compare_functions(const void *left, const void *right)
{
    const struct function *a = left;
    const struct function *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->is_plt - b->is_plt;
}

/* Extents up to the next function; of two at one address the symbol's stays. */
static void finish_functions(struct binary *binary)
{
    size_t kept = 0;
    if (binary->function_count == 0)
        return;
    qsort(binary->functions, binary->function_count, sizeof(*binary->functions), compare_functions);
    for (size_t i = 0; i < binary->function_count; i++) {
        if (kept == 0 || binary->functions[kept - 1].address != binary->functions[i].address)
            binary->functions[kept++] = binary->functions[i];
    }
    binary->function_count = kept;
    for (size_t i = 0; i < kept; i++) {
        struct function *function = &binary->functions[i];
        const struct binary_section *section = binary_code_section_at(binary, function->address);
        /* Only an entry of a garbled linkage table can be outside of all code. */
        uint64_t end = section ? section->address + section->size : function->address;
        if (i + 1 < kept && function[1].address < end)
            end = function[1].address;
        function->extent = end - function->address;
        if (function->size == 0 || function->size > function->extent)
            function->size = function->extent;
        /* Between the few symbols left is code of many functions without names. */
        if (!binary_table_has_symbols(binary))
            function->extent = function->size;
    }
}

/* The file with the symbol table in it: the binary itself, or the debug file. */
static Elf *table_of(const struct binary *binary)
{
    return !binary->has_symbols && binary->debug_file ? binary->debug_file : binary->elf;
}

/* The names of its own functions that a stripped binary brings along, if it does. */
static bool read_mini_symbols(struct binary *binary, struct symbols *symbols, struct error *error)
{
    if (!binary->mini_symbols)
        binary->mini_symbols = mini_symbols_open(binary->elf);
    return !binary->mini_symbols ||
           read_symbols(binary, binary->mini_symbols, SHT_SYMTAB, symbols, error);
}

bool binary_read_functions(struct binary *binary, struct error *error)
{
    struct symbols symbols = {0};
    bool is_stripped = !binary_table_has_symbols(binary);
    bool done = read_symbols(binary, table_of(binary), is_stripped ? SHT_DYNSYM : SHT_SYMTAB,
                             &symbols, error) &&
                (!is_stripped || read_mini_symbols(binary, &symbols, error));
    if (done && symbols.count > 0) {
        qsort(symbols.items, symbols.count, sizeof(*symbols.items), compare_by_address);
        done = number_locals(binary, &symbols, error) && add_functions(binary, &symbols, error);
    }
    free(symbols.items);
    if (!done || !binary_read_plt(binary, error))
        return false;
    finish_functions(binary);
    return true;
}

struct symbol_visit {
    const struct binary *binary;
    Elf *elf;
    symbol_visitor *visit;
    void *context;
};

static bool show_symbol(void *context, const struct table_symbol *found, struct error *error)
{
    const struct symbol_visit *visit = context;
    const GElf_Sym *symbol = &found->elf;
    int type = GELF_ST_TYPE(symbol->st_info);
    struct binary_symbol seen = {.name = elf_strptr(visit->elf, found->strings, symbol->st_name),
                                 .address = symbol->st_value,
                                 .size = symbol->st_size,
                                 .place = found->place,
                                 .is_function = type == STT_FUNC || type == STT_GNU_IFUNC,
                                 .is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
                                 .is_file = type == STT_FILE,
                                 .is_defined = symbol->st_shndx != SHN_UNDEF,
                                 .is_in_memory = found->is_in_memory};
    if (!seen.name)
        return binary_garbled(visit->binary, error);
    return visit->visit(visit->context, &seen, error);
}

bool binary_visit_symbols(const struct binary *binary, symbol_visitor *visit, void *context,
                          struct error *error)
{
    struct symbol_visit shown = {binary, table_of(binary), visit, context};
    return visit_tables(binary, shown.elf, SHT_SYMTAB, show_symbol, &shown, error);
}
