#include "analyzer/model/counts/translated_edges.h"

#include "analyzer/base/count.h"
#include "analyzer/model/match/return_branch.h"

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

/* One profile's way through the table. */
struct translated_builder {
    struct edges *edges;
    const struct binary *binary;
    const struct bolt_translation *translation;
    uint32_t module;
    struct error *error;
};

static const struct function *place_of(const struct translated_builder *builder,
                                       struct location location, uint64_t *offset, bool is_source)
{
    const struct function *function = location.module == builder->module
                                          ? binary_function_at(builder->binary, location.address)
                                          : NULL;
    *offset = function ? location.address - function->address : 0;
    *offset =
        translated_offset(builder->binary, builder->translation, &function, *offset, is_source);
    return function;
}

static bool add_branch(struct translated_builder *builder, const struct trace *trace)
{
    struct edge edge = {.count = trace->count};
    edge.from = place_of(builder, trace->from, &edge.from_offset, true);
    edge.to = place_of(builder, trace->to, &edge.to_offset, false);
    if (edge.from || edge.to)
        return edges_add(builder->edges, edge, builder->error);
    builder->edges->branches_outside = count_add(builder->edges->branches_outside, trace->count);
    return true;
}

/* Each boundary between two blocks of the rewritten code that the range passes. */
static bool add_boundaries(struct translated_builder *builder, const struct bolt_fragment *fragment,
                           const struct function *whole, uint64_t start, uint64_t end,
                           uint64_t count)
{
    const struct bolt_place *places = builder->translation->places;
    ptrdiff_t from = bolt_block_at(builder->translation, fragment, start);
    ptrdiff_t last = bolt_block_at(builder->translation, fragment, end);
    for (ptrdiff_t to = from + 1; from >= 0 && to <= last; to++) {
        if (places[to].is_branch)
            continue;
        struct edge edge = {.from = whole,
                            .to = whole,
                            .from_offset = places[from].input,
                            .to_offset = places[to].input,
                            .is_fall_through = true,
                            .count = count};
        if (!edges_add(builder->edges, edge, builder->error))
            return false;
        from = to;
    }
    return true;
}

static bool add_range(struct translated_builder *builder, const struct trace *trace, bool by_return)
{
    struct edges *edges = builder->edges;
    const struct function *first = binary_function_at(builder->binary, trace->to.address);
    const struct function *last = binary_function_at(builder->binary, trace->end);
    const struct bolt_fragment *fragment =
        first ? bolt_translation_find(builder->translation, first->address) : NULL;

    edges->runs = count_add(edges->runs, trace->count);
    if (!first || !last) {
        edges->ranges_out_of_code = count_add(edges->ranges_out_of_code, trace->count);
        return true;
    }
    if (first != last || !fragment) {
        edges->ranges_mismatching = count_add(edges->ranges_mismatching, trace->count);
        return true;
    }
    const struct function *whole = first;
    translated_offset(builder->binary, builder->translation, &whole, 0, false);
    /* A return comes from the call, which may end the block before. */
    uint64_t start = trace->to.address - first->address;
    return add_boundaries(builder, fragment, whole, start - (by_return && start > 0),
                          trace->end - first->address, trace->count);
}

bool edges_build_translated(struct edges *edges, const struct profile *profile, uint32_t module,
                            const struct binary *binary, struct binaries *binaries,
                            const struct bolt_translation *translation, struct error *error)
{
    struct translated_builder builder = {edges, binary, translation, module, error};
    bool done = true;
    *edges = (struct edges){0};
    for (size_t i = 0; done && i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        bool has_branch = trace->from.module != PROFILE_MODULE_NONE;
        if (trace->from.module != module && trace->to.module != module)
            continue;
        bool by_return = trace_is_return(binaries, trace);
        if (has_branch)
            edges_account(edges, trace->count, by_return);
        if (has_branch && !by_return)
            done = add_branch(&builder, trace);
        if (done && trace->to.module == module && trace->has_range)
            done = add_range(&builder, trace, by_return);
    }
    if (done)
        edges_sort(edges);
    else
        edges_free(edges);
    return done;
}
