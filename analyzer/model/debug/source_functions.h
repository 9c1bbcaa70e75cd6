/*
 * The functions that debug information (and, where asked for, symbols) knows: their names
 * and the ranges of code that they are in.  Entries are read of those units alone whose
 * code is touched, or that have a function of the same name as one that is: what this
 * costs grows with what ran, not with the binary.
 */
#ifndef ANALYZER_MODEL_DEBUG_SOURCE_FUNCTIONS_H
#define ANALYZER_MODEL_DEBUG_SOURCE_FUNCTIONS_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "analyzer/model/binary/address_ranges.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/dwarf_units.h"
#include "analyzer/model/debug/source_range.h"

/* A unit of debug information, as a compiler made it of a source file. */
struct source_unit {
    struct dwarf_unit debug;
    bool is_read; /* its functions are known */
};

/* A function with code of its own. */
struct source_function {
    Dwarf_Die die;
    size_t unit;
};

struct source_functions {
    const struct binary *binary;
    struct dwarf_units *debug; /* NULL: there is none */
    struct source_unit *units; /* in the order of the debug information */
    size_t unit_count, unit_capacity;
    struct source_function *items;
    size_t count, capacity;
    struct source_range *ranges; /* by start, then in the order of the debug information */
    size_t range_count, range_capacity;
    const struct source_range **by_name; /* by name, then by start */
    struct names names;                  /* of functions known by symbols, without suffixes */
};

/*
 * Reads them; `functions` is {0} and freed by the caller also after a failure.
 * `touched`: joined; NULL is all code.  ERROR_NO_DEBUG_INFO where no function has
 * a name.
 */
bool source_functions_read(struct source_functions *functions, const struct binary *binary,
                           bool with_symbols, const struct address_ranges *touched,
                           struct error *error);
void source_functions_free(struct source_functions *functions);

const struct source_range *source_functions_at(const struct source_functions *functions,
                                               uint64_t address);
const struct source_range *source_functions_named(const struct source_functions *functions,
                                                  const char *name,
                                                  const struct source_range *after);

#endif
