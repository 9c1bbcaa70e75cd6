#include "analyzer/model/counts/translated_edges.h"

#include "analyzer/base/count.h"
#include "analyzer/model/counts/trace_walk.h"

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

static bool add_branch(void *context, const struct trace *trace)
{
    struct translated_builder *builder = context;
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

static bool add_range(void *context, const struct trace *trace, bool by_return)
{
    struct translated_builder *builder = context;
    struct edges *edges = builder->edges;
    const struct function *function = trace_walk_range_function(edges, builder->binary, trace);
    if (!function)
        return true;
    const struct bolt_fragment *fragment =
        bolt_translation_find(builder->translation, function->address);
    if (!fragment) {
        edges->ranges_mismatching = count_add(edges->ranges_mismatching, trace->count);
        return true;
    }
    const struct function *whole = function;
    translated_offset(builder->binary, builder->translation, &whole, 0, false);
    /* A return comes from the call, which may end the block before. */
    uint64_t start = trace->to.address - function->address;
    return add_boundaries(builder, fragment, whole, start - (by_return && start > 0),
                          trace->end - function->address, trace->count);
}

bool edges_build_translated(struct edges *edges, const struct profile *profile, uint32_t module,
                            const struct binary *binary, struct binaries *binaries,
                            const struct bolt_translation *translation, struct error *error)
{
    struct translated_builder builder = {edges, binary, translation, module, error};
    const struct trace_walk walk = {add_branch, add_range, &builder};
    *edges = (struct edges){0};
    bool done = trace_walk_module(&walk, edges, profile, module, binaries);
    if (done)
        edges_sort(edges);
    else
        edges_free(edges);
    return done;
}
