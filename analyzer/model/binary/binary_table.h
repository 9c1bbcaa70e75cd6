/*
 * What an open binary is made of, for the files that read its tables and sections: those
 * of this room, of debug information and of LLVM's block map.  All others ask binary.h.
 */
#ifndef ANALYZER_MODEL_BINARY_BINARY_TABLE_H
#define ANALYZER_MODEL_BINARY_BINARY_TABLE_H

#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/function.h"
#include "analyzer/model/profile/profile.h"

/* A section with bytes in the file that go into memory. */
struct binary_section {
    size_t index; /* in the section table */
    bool is_code;
    const char *name;
    uint64_t address;
    const uint8_t *bytes;
    size_t size;
    uint64_t reach; /* the highest end of this section and those before it */
};

struct binary_attachment;

struct binary {
    char *path;
    Elf *elf;
    Elf *debug_file;   /* what was stripped off, or NULL */
    Elf *mini_symbols; /* MiniDebugInfo, or NULL */
    GElf_Ehdr header;
    uint8_t build_id[BUILD_ID_MAX]; /* the beginning, of a longer one */
    uint32_t build_id_size;
    uint64_t first_segment, low_address, high_address;
    bool has_segments, has_interpreter, has_soname, has_pie_flag;
    bool binds_now, has_jump_slots;
    bool has_symbols, has_debug_info, has_relocations, has_compact_relocations;
    bool has_fs_discriminators, is_bolted, has_translation;
    struct binary_section *sections; /* ordered by address */
    size_t section_count, section_capacity;
    size_t most_code;           /* the largest of code, which most searches are for */
    struct function *functions; /* ordered by address, not overlapping */
    size_t function_count, function_capacity;
    char **names; /* names that are not in the file's string tables */
    size_t name_count, name_capacity;
    struct binary_attachment *attachment; /* in memory of its own: binaries are const to others */
};

/* As binary_has_symbols() of binary.h. */
bool binary_table_has_symbols(const struct binary *binary);

/* The file with the debug information in it: the debug file or the binary itself. */
Elf *binary_debug_elf(const struct binary *binary);

/* The section that contains the address, or NULL; and the same where it has code in it. */
const struct binary_section *binary_section_at(const struct binary *binary, uint64_t address);
const struct binary_section *binary_code_section_at(const struct binary *binary, uint64_t address);

/* Adds a function at the end of the list; the caller sorts.  Names are not copied. */
bool binary_add_function(struct binary *binary, const struct function *function,
                         struct error *error);

/* A formatted name that lives as long as the binary, or NULL with ERROR_MEMORY. */
const char *binary_keep_name(struct binary *binary, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets `error` to ERROR_ELF_GARBLED with libelf's message and returns false. */
bool binary_garbled(const struct binary *binary, struct error *error);

#endif
