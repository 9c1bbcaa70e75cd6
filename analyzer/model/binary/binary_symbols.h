/*
 * From symbols to functions.  Their names follow BOLT, since its profiles refer
 * to functions by name: symbols are taken in order of address (functions before
 * other symbols, else as in the table), and a local symbol `f` is the `f/N` that
 * its place among all local symbols called `f` makes it.
 */
#ifndef ANALYZER_MODEL_BINARY_BINARY_SYMBOLS_H
#define ANALYZER_MODEL_BINARY_BINARY_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct binary;

/* Fills in the functions from .symtab, also the debug file's, or .dynsym and
 * MiniDebugInfo where there is none.
 */
bool binary_read_functions(struct binary *binary, struct error *error);

/* A symbol as its table has it. */
struct binary_symbol {
    const char *name;
    uint64_t address, size;
    size_t place; /* in the table */
    bool is_function, is_local, is_file;
    bool is_defined;
    bool is_in_memory; /* it has an address inside its section: BOLT takes only these */
};

/*
 * Tells of all symbols in the table's order, until one is refused; then, or where the table
 * makes no sense, false.
 */
typedef bool symbol_visitor(void *context, const struct binary_symbol *symbol, struct error *error);
bool binary_visit_symbols(const struct binary *binary, symbol_visitor *visit, void *context,
                          struct error *error);

#endif
