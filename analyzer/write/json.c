/*
 * Everything, for other programs: recordings with their counters, modules,
 * traces, call stacks and traces by callers, with names where a binary is at hand.  Written an
 * element at a time, since a large profile's tree would be many times its size.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/write/formats.h"
#include "analyzer/write/json_parts.h"

static json_t *hexadecimal(uint64_t value)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%#" PRIx64, value);
    return json_string(digits);
}

static json_t *place(const struct writer_input *input, struct location location)
{
    json_t *object;
    const struct binary *binary;
    const struct function *function;
    if (location.module == PROFILE_MODULE_NONE)
        return json_null();
    object = json_object();
    binary = binaries_get(input->binaries, location.module);
    function = binary ? binary_function_at(binary, location.address) : NULL;
    json_object_set_new(object, "module",
                        location.module == PROFILE_MODULE_OUTSIDE ? json_null()
                                                                  : json_number(location.module));
    json_object_set_new(object, "address", hexadecimal(location.address));
    if (function) {
        json_object_set_new(object, "function", json_text(function->name));
        json_object_set_new(object, "offset", json_number(location.address - function->address));
    }
    return object;
}

static json_t *recording_object(const struct writer_input *input, size_t i)
{
    return json_recording(&input->profile->recordings[i]);
}

static json_t *module_object(const struct writer_input *input, size_t i)
{
    return json_module(&input->profile->modules[i]);
}

static json_t *trace_object(const struct writer_input *input, size_t i)
{
    const struct trace *trace = &input->profile->traces[i];
    json_t *object = json_object();
    json_object_set_new(object, "from", place(input, trace->from));
    json_object_set_new(object, "to", place(input, trace->to));
    json_object_set_new(object, "end", trace->has_range ? hexadecimal(trace->end) : json_null());
    json_object_set_new(object, "count", json_number(trace->count));
    return object;
}

static json_t *stack_object(const struct writer_input *input, size_t i)
{
    const struct stack_node *node = &input->profile->stacks[i];
    json_t *object = json_object();
    json_object_set_new(object, "caller",
                        node->parent ? json_number(node->parent - UINT64_C(1)) : json_null());
    json_object_set_new(object, "at", node->truncated ? json_null() : place(input, node->location));
    json_object_set_new(object, "count", json_number(node->count));
    return object;
}

static json_t *context_object(const struct writer_input *input, size_t i)
{
    const struct trace_by_caller *item = &input->profile->traces_by_caller.items[i];
    json_t *object = json_object();
    json_object_set_new(object, "callers",
                        item->callers ? json_number(item->callers - UINT64_C(1)) : json_null());
    json_object_set_new(object, "trace", json_number(item->trace));
    json_object_set_new(object, "count", json_number(item->count));
    return object;
}

static bool write_array(const struct writer_input *input, const char *name, size_t count,
                        json_t *(*element)(const struct writer_input *, size_t), FILE *stream,
                        struct error *error)
{
    fprintf(stream, ",\n\"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        json_t *object = element(input, i);
        fputs(i > 0 ? ",\n" : "\n", stream);
        if (!object)
            return memory_exhausted(error);
        json_dumpf(object, stream, JSON_COMPACT); /* a failed stream is noticed by the caller */
        json_decref(object);
    }
    fputs("\n]", stream);
    return true;
}

static bool write_json(const struct writer_input *input, FILE *stream, struct error *error)
{
    const struct profile *profile = input->profile;
    fputs("{\"format\": \"pgoshim profile\", \"version\": 1", stream);
    if (!write_array(input, "recordings", profile->recording_count, recording_object, stream,
                     error) ||
        !write_array(input, "modules", profile->module_count, module_object, stream, error) ||
        !write_array(input, "traces", profile->trace_count, trace_object, stream, error) ||
        !write_array(input, "stacks", profile->stack_count, stack_object, stream, error) ||
        !write_array(input, "contexts", profile->traces_by_caller.count, context_object, stream,
                     error))
        return false;
    fputs("}\n", stream);
    return true;
}

const struct writer writer_json = {
    .name = "json",
    .suffix = "json",
    .description = "everything, for other programs, all modules",
    .write = write_json,
};
