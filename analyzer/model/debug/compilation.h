/*
 * How a binary was compiled, as far as it tells: by which compilers (the producers of its
 * debug information, else .comment), with which debug information, names and probes.  What
 * a profile can be made into, and what it will match in the next build, hangs on that.
 */
#ifndef ANALYZER_MODEL_DEBUG_COMPILATION_H
#define ANALYZER_MODEL_DEBUG_COMPILATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "analyzer/model/binary/binary.h"

enum compiler { COMPILER_OTHER, COMPILER_CLANG, COMPILER_RUSTC, COMPILER_GCC, COMPILER_GO };
#define COMPILERS 5

/* What one compiler made of the binary; of several versions, that of the most code. */
struct compiled_part {
    char producer[160];      /* as it names itself, printable; empty: made nothing */
    unsigned version;        /* the first number of its version; 0: not told */
    uint64_t code_size;      /* bytes that its units describe; 0 without debug information */
    bool has_lines;          /* a table of source lines */
    bool has_discriminators; /* in it, which tell apart what is on one line */
};

/* A source as its compiler was given it: DW_AT_name and DW_AT_comp_dir, "" where not told. */
struct compiled_unit {
    char *name, *directory;
    const char
        *producer; /* DW_AT_producer: gcc's has its flags, clang's with -grecord-command-line */
    enum compiler compiler;
};

struct compiled_range {
    uint64_t start, end; /* link-time addresses; first byte past it */
    uint32_t unit;       /* in `units` */
    enum compiler compiler;
    bool is_library; /* rustc: of the standard library, as it came with the compiler */
};

struct compilation {
    struct compiled_part parts[COMPILERS];
    struct compiled_range *ranges; /* by address */
    size_t range_count, range_capacity;
    struct compiled_unit *units;
    size_t unit_count, unit_capacity;
    struct names producers;
    struct names command_lines; /* of .GCC.command.line, which does not say of what code */
    bool has_debug_information;
    bool has_probes;       /* clang -fpseudo-probe-for-profiling */
    bool has_legacy_names; /* rustc: names of its old mangling, _ZN…17h…E */
    bool has_unique_names; /* clang -funique-internal-linkage-names */
};

/*
 * Reads it; the caller frees it also after a failure (it is {0} before).  Debug
 * information that makes no sense is taken for none.  ERROR_MEMORY.
 */
bool compilation_read(struct compilation *compilation, const struct binary *binary,
                      struct error *error);
void compilation_free(struct compilation *compilation);

/* What is known of the code at a link-time address; NULL: nothing. */
const struct compiled_range *compilation_range_at(const struct compilation *compilation,
                                                  uint64_t address);

/* The source that a range of it was compiled from. */
const struct compiled_unit *compilation_unit_of(const struct compilation *compilation,
                                                const struct compiled_range *range);

/* Who compiled the code at a link-time address; COMPILER_OTHER where nothing tells. */
enum compiler compilation_at(const struct compilation *compilation, uint64_t address);

/*
 * Whether a unit of rustc's is of its standard library or of what that was built with, by its
 * DW_AT_comp_dir and DW_AT_name: it came with the compiler, whose makers chose its flags.
 */
bool compilation_is_rust_library(const char *directory, const char *name);

/* "clang", "rustc", "gcc", "go", "another compiler". */
const char *compiler_name(enum compiler compiler);

#endif
