/*
 * A walk over the entries of one unit of debug information, in the order of the file
 * ("Debugging Information Entry" and "Abbreviations Tables", DWARF 5, 2 and 7.5; DWARF 2
 * to 4 differ in forms and in the header): what each is and how deep, not what its
 * attributes say.  Most entries are skipped, and many have no DW_AT_sibling to do it by:
 * what their attributes take is known beforehand from the table of abbreviations.
 */
#ifndef ANALYZER_MODEL_DEBUG_DWARF_ENTRIES_H
#define ANALYZER_MODEL_DEBUG_DWARF_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/cursor.h"
#include "analyzer/base/error.h"
#include "analyzer/model/binary/section_bytes.h"

/* Attributes of fixed size, and then one that says itself what it takes. */
struct dwarf_entry_step {
    uint32_t fixed;
    uint32_t form;
    bool is_sibling;
};

/* What an abbreviation stands for. */
struct dwarf_entry_kind {
    uint32_t code; /* from 1 on */
    uint32_t tag;
    bool has_children;
    bool has_code;     /* an address, or ranges */
    uint32_t fixed;    /* bytes behind the last step */
    size_t first_step; /* in the kinds' steps */
    size_t step_count;
};

/* Sizes of what differs between units. */
struct dwarf_entry_sizes {
    uint16_t version; /* of DWARF */
    uint8_t offset;   /* 4, or 8 in 64-bit DWARF */
    uint8_t address;
};

/* A table of abbreviations, kept for the next unit that has the same.  Begins as {0}. */
struct dwarf_entry_kinds {
    const uint8_t *table;
    struct dwarf_entry_sizes sizes;
    struct dwarf_entry_kind *items; /* by code */
    size_t count, capacity;
    struct dwarf_entry_step *steps;
    size_t step_count, step_capacity;
};

struct dwarf_entry {
    const uint8_t *bytes; /* where it begins */
    uint32_t tag;
    unsigned depth; /* below what the walk began at: 1 and more */
    bool has_code;  /* it has an address, or ranges */
};

/* Where a walk is. */
struct dwarf_entries {
    const struct dwarf_entry_kinds *kinds;
    const uint8_t *unit;
    struct cursor cursor;
    unsigned depth;      /* of the next entry */
    bool has_children;   /* the last entry; they come next */
    uint64_t sibling;    /* of the last entry, in the unit; 0: it tells none */
    const char *trouble; /* NULL: none so far */
};

/*
 * Begins behind the entry at `root`, which is in the unit whose header is at the
 * beginning of `unit`; the rest of the section may follow.  The kinds are used as
 * long as the walk lasts.  False with *reason NULL: no memory, `error` says so;
 * else the unit makes no sense, and the reason says why.
 */
bool dwarf_entries_begin(struct dwarf_entries *entries, struct dwarf_entry_kinds *kinds,
                         const struct section_bytes *unit,
                         const struct section_bytes *abbreviations, const uint8_t *root,
                         const char **reason, struct error *error);

/*
 * The next entry: the first child of the last one where it has any.  False at
 * the end, and where there is trouble.
 */
bool dwarf_entries_next(struct dwarf_entries *entries, struct dwarf_entry *entry);

/* Passes over what is below the last entry. */
void dwarf_entries_skip_children(struct dwarf_entries *entries);

/* Takes ones that are {0}, too. */
void dwarf_entry_kinds_free(struct dwarf_entry_kinds *kinds);

#endif
