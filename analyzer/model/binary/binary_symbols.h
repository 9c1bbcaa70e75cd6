/*
 * From symbols to functions.  Their names follow BOLT, since its profiles refer
 * to functions by name: symbols are taken in order of address (functions before
 * other symbols, else as in the table), and a local symbol `f` is the `f/N` that
 * its place among all local symbols called `f` makes it.
 */
#ifndef ANALYZER_MODEL_BINARY_BINARY_SYMBOLS_H
#define ANALYZER_MODEL_BINARY_BINARY_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct binary;

/* Fills in the functions from .symtab, also the debug file's, or .dynsym and
 * MiniDebugInfo where there is none.
 */
bool binary_read_functions(struct binary *binary, struct error *error);

/*
 * Tells of all symbols of functions, in the table's order, until one is refused;
 * then, or where the table makes no sense, false.
 */
typedef bool symbol_visitor(void *context, const char *name, uint64_t address, struct error *error);
bool binary_visit_symbols(const struct binary *binary, symbol_visitor *visit, void *context,
                          struct error *error);

#endif
