#include "analyzer/model/counts/translated_edges.h"

uint64_t translated_offset(const struct binary *binary, const struct bolt_translation *translation,
                           const struct function **function, uint64_t offset, bool is_source)
{
    const struct bolt_fragment *fragment =
        *function ? bolt_translation_find(translation, (*function)->address) : NULL;
    if (!fragment)
        return offset;
    const struct function *whole = binary_function_at(binary, fragment->parent);
    if (whole && whole->address == fragment->parent)
        *function = whole;
    return bolt_translate(translation, fragment, offset, is_source);
}

void translated_edge(struct edge *edge, const struct binary *binary,
                     const struct bolt_translation *translation)
{
    edge->from_offset =
        translated_offset(binary, translation, &edge->from, edge->from_offset, true);
    edge->to_offset = translated_offset(binary, translation, &edge->to, edge->to_offset, false);
}

bool translated_range_add(struct edges *edges, const struct binary *binary,
                          const struct bolt_translation *translation,
                          const struct bolt_fragment *fragment, const struct trace *trace,
                          bool by_return, struct error *error)
{
    const struct bolt_place *places = translation->places;
    const struct function *whole = binary_function_at(binary, fragment->address);
    translated_offset(binary, translation, &whole, 0, false);
    /* A return comes from the call, which may end the block before. */
    uint64_t start = trace->to.address - fragment->address;
    ptrdiff_t from = bolt_block_at(translation, fragment, start - (by_return && start > 0));
    ptrdiff_t last = bolt_block_at(translation, fragment, trace->end - fragment->address);
    for (ptrdiff_t to = from + 1; from >= 0 && to <= last; to++) {
        if (places[to].is_branch)
            continue;
        struct edge edge = {.from = whole,
                            .to = whole,
                            .from_offset = places[from].input,
                            .to_offset = places[to].input,
                            .is_fall_through = true,
                            .count = trace->count};
        if (!edges_add(edges, edge, error))
            return false;
        from = to;
    }
    return true;
}
