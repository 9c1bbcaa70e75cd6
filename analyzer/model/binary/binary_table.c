#include "analyzer/model/binary/binary_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

bool binary_garbled(const struct binary *binary, struct error *error)
{
    error_set(error, ERROR_ELF_GARBLED, binary->path, "%s", elf_errmsg(-1));
    return false;
}

const char *binary_keep_name(struct binary *binary, struct error *error, const char *format, ...)
{
    char *name;
    va_list arguments;
    if (!memory_reserve(&binary->names, &binary->name_capacity, binary->name_count + 1,
                        sizeof(*binary->names), error))
        return NULL;
    va_start(arguments, format);
    if (vasprintf(&name, format, arguments) < 0)
        name = NULL;
    va_end(arguments);
    if (!name) {
        memory_exhausted(error);
        return NULL;
    }
    binary->names[binary->name_count++] = name;
    return name;
}

bool binary_add_function(struct binary *binary, const struct function *function,
                         struct error *error)
{
    if (!memory_reserve(&binary->functions, &binary->function_capacity, binary->function_count + 1,
                        sizeof(*function), error))
        return false;
    binary->functions[binary->function_count++] = *function;
    return true;
}

/* A debug file has a symbol table, or it would be of no use. */
bool binary_table_has_symbols(const struct binary *binary)
{
    return binary->has_symbols || binary->debug_file;
}

Elf *binary_debug_elf(const struct binary *binary)
{
    return binary->debug_file && !binary->has_debug_info ? binary->debug_file : binary->elf;
}

static bool is_in(const struct binary_section *section, uint64_t address)
{
    return address >= section->address && address - section->address < section->size;
}

const struct binary_section *binary_section_at(const struct binary *binary, uint64_t address)
{
    if (binary->section_count > 0 && is_in(&binary->sections[binary->most_code], address))
        return &binary->sections[binary->most_code];
    size_t next = SEARCH_COUNT(binary->section_count, i, binary->sections[i].address <= address);
    /* Sections may lie over one another. */
    for (size_t i = next; i > 0 && binary->sections[i - 1].reach > address; i--) {
        const struct binary_section *section = &binary->sections[i - 1];
        if (is_in(section, address))
            return section;
    }
    return NULL;
}

const struct binary_section *binary_code_section_at(const struct binary *binary, uint64_t address)
{
    const struct binary_section *section = binary_section_at(binary, address);
    return section && section->is_code ? section : NULL;
}
