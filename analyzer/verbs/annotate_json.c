/* An annotated function for other programs; docs/annotate.md is its schema. */
#include "analyzer/verbs/annotate_json.h"
#include "analyzer/write/json_parts.h"

static json_t *module_path(const struct annotate_view *view, uint32_t module)
{
    return module < view->profile->module_count ? json_text(view->profile->modules[module].path)
                                                : json_null();
}

static json_t *target(const struct annotate_view *view, const struct annotated_target *target)
{
    json_t *object = json_object();
    const struct binary *binary = binaries_get(view->binaries, target->location.module);
    const struct function *function =
        binary ? binary_function_at(binary, target->location.address) : NULL;
    json_object_set_new(object, "module", module_path(view, target->location.module));
    json_object_set_new(object, "address", json_number(target->location.address));
    json_object_set_new(object, "function", function ? json_text(function->name) : json_null());
    json_object_set_new(object, "count", json_number(target->count));
    return object;
}

static json_t *instruction(const struct annotate_view *view,
                           const struct annotated_function *function, size_t index)
{
    const struct annotation *annotation = &function->annotation;
    const struct annotated_instruction *item = &annotation->instructions[index];
    struct source_place place = source_places_at(
        function->places, (struct location){annotation->module, item->code.address});
    char text[DISASSEMBLER_TEXT];
    json_t *object = json_object();
    annotate_instruction_text(function, item, text);
    json_object_set_new(object, "address", json_number(item->code.address));
    json_object_set_new(object, "size", json_number(item->code.size));
    json_object_set_new(object, "text", *text ? json_text(text) : json_null());
    json_object_set_new(object, "samples", json_number(item->samples));
    json_object_set_new(object, "runs", json_number(item->runs));
    json_object_set_new(object, "block", json_number(item->block));
    if (item->code.kind == INSTRUCTION_CONDITIONAL) {
        json_object_set_new(object, "taken", json_number(item->taken));
        json_object_set_new(object, "not_taken", json_number(item->passed));
    }
    if (item->target_count > 0) {
        json_t *targets = json_array();
        for (size_t t = 0; t < item->target_count; t++)
            json_array_append_new(targets,
                                  target(view, &annotation->targets[item->first_target + t]));
        json_object_set_new(object, "targets", targets);
    }
    if (place.file) {
        json_object_set_new(object, "file", json_text(place.file));
        json_object_set_new(object, "line", json_number(place.line));
    }
    return object;
}

static json_t *blocks(const struct annotation *annotation)
{
    json_t *array = json_array();
    for (size_t i = 0; i < annotation->block_count; i++) {
        const struct annotated_block *block = &annotation->blocks[i];
        json_array_append_new(array,
                              json_pack("{s:o,s:o,s:o,s:b}", "first", json_number(block->first),
                                        "count", json_number(block->count), "runs",
                                        json_number(block->runs), "hot", (int)block->is_hot));
    }
    return array;
}

static json_t *edges(const struct annotation *annotation)
{
    json_t *array = json_array();
    for (size_t i = 0; i < annotation->edge_count; i++) {
        const struct annotated_edge *edge = &annotation->edges[i];
        json_array_append_new(array, json_pack("{s:o,s:o,s:b,s:o}", "from", json_number(edge->from),
                                               "to", json_number(edge->to), "fall_through",
                                               (int)edge->is_fall_through, "count",
                                               json_number(edge->count)));
    }
    return array;
}

static json_t *loops(const struct annotation *annotation)
{
    json_t *array = json_array();
    for (size_t i = 0; i < annotation->loops.count; i++) {
        const struct natural_loop *loop = &annotation->loops.items[i];
        const struct annotated_loop *counts = &annotation->loop_counts[i];
        json_array_append_new(
            array, json_pack("{s:o,s:o,s:o,s:o}", "header", json_number(loop->header), "depth",
                             json_number(loop->depth), "turns", json_number(counts->turns),
                             "entries", json_number(counts->entries)));
    }
    return array;
}

json_t *annotate_json(const struct annotate_view *view, const struct annotated_function *function)
{
    const struct annotation *annotation = &function->annotation;
    json_t *object = json_object();
    json_t *instructions = json_array();
    for (size_t i = 0; i < annotation->instruction_count; i++)
        json_array_append_new(instructions, instruction(view, function, i));
    json_object_set_new(object, "name", json_text(annotation->function->name));
    json_object_set_new(object, "module", module_path(view, annotation->module));
    json_object_set_new(object, "address", json_number(annotation->function->address));
    json_object_set_new(object, "samples", json_number(annotation->samples));
    json_object_set_new(object, "inferred", json_boolean(function->is_inferred));
    json_object_set_new(object, "corrected", json_boolean(function->is_corrected));
    json_object_set_new(object, "instructions", instructions);
    json_object_set_new(object, "blocks", blocks(annotation));
    json_object_set_new(object, "edges", edges(annotation));
    json_object_set_new(object, "loops", loops(annotation));
    return object;
}
