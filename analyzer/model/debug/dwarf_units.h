/*
 * The units of a binary's debug information, wherever their entries are: in the binary or
 * its debug file, in .dwo or .dwp files (split_dwarf.h), or partly in a file that several
 * binaries share (dwz -m, .gnu_debugaltlink).  Attributes that are numbers or refer to
 * other entries are read with libdw as ever; strings and addresses through here.
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

struct dwarf_unit {
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

struct dwarf_units;

/*
 * The binary must outlive it.  ERROR_NO_DEBUG_INFO where it has none that can be
 * read.  Free takes NULL.
 */
struct dwarf_units *dwarf_units_open(const struct binary *binary, struct error *error);
void dwarf_units_free(struct dwarf_units *units);

/*
 * The next compiled unit, or false after the last.  One that is split has only
 * its skeleton until it is loaded.
 */
bool dwarf_units_next(struct dwarf_units *units, struct dwarf_unit *unit);

/*
 * Looks for the entries of a unit that is split; *found is true of all others.
 * ERROR_MEMORY.
 */
bool dwarf_unit_load(struct dwarf_units *units, struct dwarf_unit *unit, bool *found,
                     struct error *error);

/*
 * How many split units were not found so far, and the file that the first of
 * them should be in (NULL: none); the text is valid as long as the units are.
 */
size_t dwarf_units_missing(const struct dwarf_units *units, const char **first);

/*
 * A walk over what is below an entry of the unit, which is loaded: one at a time.
 * ERROR_NO_DEBUG_INFO where the unit makes no sense.
 */
bool dwarf_unit_walk(struct dwarf_units *units, const struct dwarf_unit *unit, Dwarf_Die *root,
                     struct dwarf_entries *entries, struct error *error);

/* Whether the walk met no trouble: half the entries would be worse than none.  ERROR_NO_DEBUG_INFO.
 */
bool dwarf_unit_walked(const struct dwarf_units *units, const struct dwarf_unit *unit,
                       const struct dwarf_entries *entries, struct error *error);

/* An entry that the walk came to, for libdw. */
Dwarf_Die dwarf_unit_entry(const struct dwarf_unit *unit, const struct dwarf_entry *entry);

/* A string or an address in an entry of the unit; NULL or false where it is none. */
const char *dwarf_unit_text(const struct dwarf_unit *unit, Dwarf_Attribute *attribute);
bool dwarf_unit_low_address(const struct dwarf_unit *unit, Dwarf_Die *die, uint64_t *address);

/* An iteration over the ranges of code that an entry describes, as dwarf_ranges does. */
struct dwarf_unit_ranges {
    const struct dwarf_unit *unit;
    Dwarf_Die *die;
    ptrdiff_t at;    /* of whole units */
    Dwarf_Addr base; /* what the offsets of a list are from */
    struct cursor list;
    uint64_t low, high; /* of a single range */
    enum { DEBUG_RANGES_WHOLE, DEBUG_RANGES_ONE, DEBUG_RANGES_PAIRS, DEBUG_RANGES_CODED } form;
};

struct dwarf_unit_ranges dwarf_unit_ranges_of(const struct dwarf_unit *unit, Dwarf_Die *die);
bool dwarf_unit_ranges_next(struct dwarf_unit_ranges *ranges, uint64_t *start, uint64_t *end);

/* The linkage name of a function's entry, else its plain one, else NULL. */
const char *dwarf_unit_function_name(const struct dwarf_unit *unit, Dwarf_Die *die);

#endif
