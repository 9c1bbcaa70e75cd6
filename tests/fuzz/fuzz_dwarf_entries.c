/*
 * libFuzzer harness of the walk over entries of debug information.  An input is
 * the size of a table of abbreviations in two bytes, the lowest first, the table,
 * and the section with one unit.
 */
#include <assert.h>

#include "analyzer/model/debug/dwarf_entries.h"
#include "tests/fuzz/fuzzing.h"

/* Walks from the entry at `root` on; every `step`th entry's children are skipped. */
static size_t walk(struct dwarf_entry_kinds *kinds, const struct section_bytes *unit,
                   const struct section_bytes *abbreviations, size_t root, size_t step)
{
    struct error error;
    struct dwarf_entries entries;
    struct dwarf_entry entry;
    const char *reason;
    const uint8_t *last = unit->bytes + root;
    size_t count = 0;
    if (!dwarf_entries_begin(&entries, kinds, unit, abbreviations, unit->bytes + root, &reason,
                             &error)) {
        assert(reason);
        return 0;
    }
    while (dwarf_entries_next(&entries, &entry)) {
        assert(entry.bytes > last && entry.bytes < unit->bytes + unit->size && entry.depth > 0);
        last = entry.bytes;
        if (step > 0 && ++count % step == 0)
            dwarf_entries_skip_children(&entries);
    }
    assert(!dwarf_entries_next(&entries, &entry));
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct dwarf_entry_kinds kinds = {0};
    if (size < 2 || (size_t)(bytes[0] | bytes[1] << 8) > size - 2)
        return 0;
    struct section_bytes abbreviations = {bytes + 2, bytes[0] | bytes[1] << 8};
    struct section_bytes unit = {bytes + 2 + abbreviations.size, size - 2 - abbreviations.size};
    /* Where entries begin behind headers of DWARF 2 to 4, of 5, and of its skeletons; 64-bit ones.
     */
    static const size_t roots[] = {11, 12, 20, 23, 24, 32};
    for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
        for (size_t step = 0; roots[i] < unit.size && step < 4; step++)
            walk(&kinds, &unit, &abbreviations, roots[i], step);
    }
    dwarf_entry_kinds_free(&kinds);
    return 0;
}
