#include "analyzer/model/debug/inlining.h"

#include <dwarf.h>
#include <stdlib.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"

/* Blocks in blocks: more than any compiler makes, less than the stack holds. */
#define DEEPEST 500

/* Of a call; LLVM's, and not in every <dwarf.h>. */
#define ATTRIBUTE_DISCRIMINATOR 0x2136

static uint32_t number_of(Dwarf_Attribute *attribute)
{
    Dwarf_Word value;
    return attribute && dwarf_formudata(attribute, &value) == 0 ? (uint32_t)value : 0;
}

static bool add_node(struct inlining *inlining, const struct dwarf_unit *unit, Dwarf_Die *die,
                     uint32_t parent, struct error *error)
{
    uint32_t number = (uint32_t)inlining->node_count;
    struct dwarf_unit_ranges code = dwarf_unit_ranges_of(unit, die);
    Dwarf_Attribute declared, line, column, discriminator;
    uint64_t start, end;
    struct inlined node = {
        .function = dwarf_unit_function_name(unit, die),
        .die = *die,
        .declared = number_of(dwarf_attr_integrate(die, DW_AT_decl_line, &declared)),
        .parent = parent,
        .call_line = number_of(dwarf_attr(die, DW_AT_call_line, &line)),
        .call_column =
            inlining->has_columns ? number_of(dwarf_attr(die, DW_AT_call_column, &column)) : 0,
        .call_discriminator = number_of(dwarf_attr(die, ATTRIBUTE_DISCRIMINATOR, &discriminator))};
    if (!memory_reserve(&inlining->nodes, &inlining->node_capacity, inlining->node_count + 1,
                        sizeof(node), error))
        return false;
    inlining->nodes[inlining->node_count++] = node;
    while (dwarf_unit_ranges_next(&code, &start, &end)) {
        if (start >= end)
            continue;
        if (!memory_reserve(&inlining->patches, &inlining->patch_capacity,
                            inlining->patch_count + 1, sizeof(struct inlining_patch), error))
            return false;
        inlining->patches[inlining->patch_count++] = (struct inlining_patch){start, end, number};
    }
    return true;
}

/* What is inlined into the function; a node by depth is what entries there are inlined into. */
static bool add_inlined(struct inlining *inlining, const struct dwarf_unit *unit,
                        struct dwarf_entries *entries, struct error *error)
{
    uint32_t nodes[DEEPEST + 1] = {0};
    struct dwarf_entry entry;
    while (dwarf_entries_next(entries, &entry)) {
        if (entry.tag == DW_TAG_subprogram || entry.depth > DEEPEST) {
            dwarf_entries_skip_children(entries);
            continue;
        }
        nodes[entry.depth] = nodes[entry.depth - 1];
        if (entry.tag == DW_TAG_inlined_subroutine) {
            Dwarf_Die die = dwarf_unit_entry(unit, &entry);
            nodes[entry.depth] = (uint32_t)inlining->node_count;
            if (!add_node(inlining, unit, &die, nodes[entry.depth - 1], error))
                return false;
        }
    }
    return true;
}

static size_t address_index(const uint64_t *addresses, size_t count, uint64_t address)
{
    const uint64_t *found = bsearch(&address, addresses, count, sizeof(*addresses), compare_u64);
    return (size_t)(found - addresses);
}

/* Cuts the patches at each other's ends, so that each address is in the innermost alone. */
static bool flatten(struct inlining *inlining, struct error *error)
{
    size_t count = 0;
    uint64_t *ends = calloc(2 * inlining->patch_count + 1, sizeof(*ends));
    struct inlining_patch *flat = calloc(2 * inlining->patch_count + 1, sizeof(*flat));
    if (!ends || !flat) {
        free(ends);
        free(flat);
        return memory_exhausted(error);
    }
    for (size_t i = 0; i < inlining->patch_count; i++) {
        ends[2 * i] = inlining->patches[i].start;
        ends[2 * i + 1] = inlining->patches[i].end;
    }
    qsort(ends, 2 * inlining->patch_count, sizeof(*ends), compare_u64);
    for (size_t i = 0; i < 2 * inlining->patch_count; i++) {
        if (count == 0 || ends[count - 1] != ends[i])
            ends[count++] = ends[i];
    }
    for (size_t i = 0; i + 1 < count; i++)
        flat[i] = (struct inlining_patch){ends[i], ends[i + 1], INLINING_NONE};
    for (size_t i = 0; i < inlining->patch_count; i++) {
        const struct inlining_patch *patch = &inlining->patches[i];
        for (size_t k = address_index(ends, count, patch->start); ends[k] < patch->end; k++)
            flat[k].node = patch->node;
    }
    free(ends);
    free(inlining->patches);
    inlining->patches = flat;
    inlining->patch_count = count > 0 ? count - 1 : 0;
    return true;
}

bool inlining_read(struct inlining *inlining, struct dwarf_units *units,
                   const struct dwarf_unit *unit, Dwarf_Die *function, struct error *error)
{
    struct dwarf_entries entries;
    return add_node(inlining, unit, function, INLINING_NONE, error) &&
           dwarf_unit_walk(units, unit, function, &entries, error) &&
           add_inlined(inlining, unit, &entries, error) &&
           dwarf_unit_walked(units, unit, &entries, error) && flatten(inlining, error);
}

void inlining_free(struct inlining *inlining)
{
    free(inlining->nodes);
    free(inlining->patches);
    *inlining = (struct inlining){0};
}

uint32_t inlining_at(const struct inlining *inlining, uint64_t address, uint64_t *until)
{
    size_t index = SEARCH_COUNT(inlining->patch_count, i, inlining->patches[i].end <= address);
    *until = UINT64_MAX;
    if (index == inlining->patch_count)
        return INLINING_NONE;
    const struct inlining_patch *patch = &inlining->patches[index];
    *until = patch->start <= address ? patch->end : patch->start;
    return patch->start <= address ? patch->node : INLINING_NONE;
}
