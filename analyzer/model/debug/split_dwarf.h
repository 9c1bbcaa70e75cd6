/*
 * Split DWARF (-gsplit-dwarf): units whose entries the compiler left in .dwo files beside
 * the objects, or that `dwp` or llvm-dwp packed into one .dwp file ("Split DWARF Object
 * Files", DWARF 5, 7.3; for DWARF 4 GCC's wiki page "DebugFission").  The binary keeps a
 * skeleton of each, with its line table and addresses. libdw of elfutils 0.188 reads no
 * packages, so that strings and sections are found here.
 */
#ifndef ANALYZER_MODEL_DEBUG_SPLIT_DWARF_H
#define ANALYZER_MODEL_DEBUG_SPLIT_DWARF_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/section_bytes.h"

/* A unit in a .dwo or .dwp file. */
struct split_unit {
    uint64_t id; /* what its skeleton knows it by */
    Dwarf_Die die;
    unsigned offset_size;                                      /* 4, or 8 in 64-bit DWARF */
    struct section_bytes strings, string_offsets, range_lists; /* the unit's own part */
    struct section_bytes entries, abbreviations;               /* of the whole file */
};

struct split_dwarf;

/* Opens the package of the binary at that path, where it has one.  Free takes NULL. */
struct split_dwarf *split_dwarf_open(const char *binary_path, struct error *error);
void split_dwarf_free(struct split_dwarf *split);

/*
 * The unit with this id: from the package, else from the .dwo file `name`, which
 * was written to `directory` (NULL: not known).  *unit is NULL where there is
 * none; ERROR_MEMORY.  What is found is valid until split_dwarf_free.
 */
bool split_dwarf_find(struct split_dwarf *split, uint64_t id, const char *directory,
                      const char *name, const struct split_unit **unit, struct error *error);

#endif
