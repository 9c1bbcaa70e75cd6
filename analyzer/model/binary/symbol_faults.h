/*
 * What llvm-bolt (16 to 22) stops at in a symbol table: found beforehand, so that people hear
 * of it with what mends it before they record anything.  The rules are those of llvm-bolt's
 * own reading of symbols and of the parts of functions that compilers split off.
 */
#ifndef ANALYZER_MODEL_BINARY_SYMBOL_FAULTS_H
#define ANALYZER_MODEL_BINARY_SYMBOL_FAULTS_H

#include <stdbool.h>

#include "analyzer/base/error.h"

struct binary;

/* Names live as long as the binary.  NULL: there is none. */
struct symbol_faults {
    const char *not_unique;  /* a global symbol with two addresses or sizes */
    const char *sanitizer;   /* what the address sanitizer brings along */
    const char *coverage;    /* what clang's coverage of old brought along */
    const char *split_stack; /* what is called where a stack may have to grow (-fsplit-stack) */
    /* Parts ("f.cold") of functions, which llvm-bolt 19 and later join to their functions. */
    const char *part_without_function; /* no symbol of the name without the suffix */
    const char *part_without_file;     /* several such symbols, and no FILE symbol tells which */
};

/* Of the binary's own table; all NULL for a stripped one.  ERROR_MEMORY, ERROR_ELF_GARBLED. */
bool symbol_faults_find(const struct binary *binary, struct symbol_faults *faults,
                        struct error *error);

#endif
