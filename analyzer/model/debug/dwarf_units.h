/*
 * The units of a binary's debug information, wherever their entries are: in the
 * binary or its debug file, in .dwo or .dwp files (split_dwarf.h), or partly in
 * a file that several binaries share (dwz -m, .gnu_debugaltlink).  Attributes
 * that are numbers or refer to other entries are read with libdw as ever;
 * strings and addresses through here.  Used by source_lines.c and compilation.c.
 */
#ifndef ANALYZER_MODEL_DEBUG_DWARF_UNITS_H
#define ANALYZER_MODEL_DEBUG_DWARF_UNITS_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/cursor.h"
#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/dwarf_entries.h"
#include "analyzer/model/debug/split_dwarf.h"

struct debug_unit {
    Dwarf_Die die;      /* the root of its entries */
    Dwarf_Die skeleton; /* has the line table and the code's ranges; of whole units, the same */
    bool is_split;
    uint64_t id; /* of a split unit; in a skeleton of this version of DWARF */
    Dwarf_Half version;
    const struct split_unit *split; /* NULL: a whole unit, or one that is not loaded */
    /* Of split units: the binary's sections, and where the unit's part of them begins. */
    struct section_bytes addresses, ranges;
    uint64_t address_base, range_base, low_address;
};

struct debug_units;

/*
 * The binary must outlive it.  ERROR_NO_DEBUG_INFO where it has none that can be
 * read.  Free takes NULL.
 */
struct debug_units *debug_units_open(const struct binary *binary, struct error *error);
void debug_units_free(struct debug_units *units);

/*
 * The next compiled unit, or false after the last.  One that is split has only
 * its skeleton until it is loaded.
 */
bool debug_units_next(struct debug_units *units, struct debug_unit *unit);

/*
 * Looks for the entries of a unit that is split; *found is true of all others.
 * ERROR_MEMORY.
 */
bool debug_unit_load(struct debug_units *units, struct debug_unit *unit, bool *found,
                     struct error *error);

/*
 * How many split units were not found so far, and the file that the first of
 * them should be in (NULL: none); the text is valid as long as the units are.
 */
size_t debug_units_missing(const struct debug_units *units, const char **first);

/*
 * A walk over what is below an entry of the unit, which is loaded: one at a time.
 * ERROR_NO_DEBUG_INFO where the unit makes no sense.
 */
bool debug_unit_walk(struct debug_units *units, const struct debug_unit *unit, Dwarf_Die *root,
                     struct debug_entries *entries, struct error *error);

/* Whether the walk met no trouble: half the entries would be worse than none.  ERROR_NO_DEBUG_INFO.
 */
bool debug_unit_walked(const struct debug_units *units, const struct debug_unit *unit,
                       const struct debug_entries *entries, struct error *error);

/* An entry that the walk came to, for libdw. */
Dwarf_Die debug_unit_entry(const struct debug_unit *unit, const struct debug_entry *entry);

/* A string or an address in an entry of the unit; NULL or false where it is none. */
const char *debug_unit_text(const struct debug_unit *unit, Dwarf_Attribute *attribute);
bool debug_unit_low_address(const struct debug_unit *unit, Dwarf_Die *die, uint64_t *address);

/* An iteration over the ranges of code that an entry describes, as dwarf_ranges does. */
struct debug_ranges {
    const struct debug_unit *unit;
    Dwarf_Die *die;
    ptrdiff_t at;    /* of whole units */
    Dwarf_Addr base; /* what the offsets of a list are from */
    struct cursor list;
    uint64_t low, high; /* of a single range */
    enum { DEBUG_RANGES_WHOLE, DEBUG_RANGES_ONE, DEBUG_RANGES_PAIRS, DEBUG_RANGES_CODED } form;
};

struct debug_ranges debug_ranges_of(const struct debug_unit *unit, Dwarf_Die *die);
bool debug_ranges_next(struct debug_ranges *ranges, uint64_t *start, uint64_t *end);

/* The linkage name of a function's entry, else its plain one, else NULL. */
const char *debug_unit_function_name(const struct debug_unit *unit, Dwarf_Die *die);

#endif
