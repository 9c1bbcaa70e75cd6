/*
 * Everything, for other programs: recordings with their counters, modules,
 * traces and call stacks, with names where a binary is at hand.  Written an
 * element at a time, since a large profile's tree would be many times its size.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/write/formats.h"
#include "include/pgoshim/raw.h"

static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text(const char *value)
{
    char visible[8192];
    return json_string(text_printable(value, visible, sizeof(visible)));
}

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
                                                                  : number(location.module));
    json_object_set_new(object, "address", hexadecimal(location.address));
    if (function) {
        json_object_set_new(object, "function", text(function->name));
        json_object_set_new(object, "offset", number(location.address - function->address));
    }
    return object;
}

static json_t *recording_object(const struct writer_input *input, size_t i)
{
    static const char *const names[] = {
#define COUNTER_NAME(counter, identifier, words) [counter] = #identifier,
        PGORAW_COUNTERS(COUNTER_NAME)
#undef COUNTER_NAME
    };
    const struct recording *recording = &input->profile->recordings[i];
    json_t *object = json_object();
    json_t *counters = json_object();
    for (size_t counter = 0; counter < sizeof(names) / sizeof(*names); counter++) {
        if (recording->counters[counter] > 0)
            json_object_set_new(counters, names[counter], number(recording->counters[counter]));
    }
    json_object_set_new(object, "file", text(recording->file));
    json_object_set_new(object, "program", text(recording->program));
    json_object_set_new(object, "command_line", text(recording->command_line));
    json_object_set_new(object, "host", text(recording->host));
    json_object_set_new(object, "why", text(recording->why));
    json_object_set_new(object, "sampler", number(recording->sampler));
    json_object_set_new(object, "branch_source", number(recording->branch_source));
    json_object_set_new(object, "machine", number(recording->machine));
    json_object_set_new(object, "period_ns", number(recording->period_ns));
    json_object_set_new(object, "start_time_ns", number(recording->start_time_ns));
    json_object_set_new(object, "process_id", json_integer(recording->process_id));
    json_object_set_new(object, "counters", counters);
    return object;
}

static json_t *module_object(const struct writer_input *input, size_t i)
{
    const struct module *module = &input->profile->modules[i];
    char build_id[PROFILE_BUILD_ID_TEXT];
    json_t *object = json_object();
    json_object_set_new(object, "path", text(module->path));
    json_object_set_new(
        object, "build_id",
        module->build_id_size > 0
            ? json_string(build_id_text(module->build_id, module->build_id_size, build_id))
            : json_null());
    json_object_set_new(object, "low_address", hexadecimal(module->low_address));
    json_object_set_new(object, "high_address", hexadecimal(module->high_address));
    json_object_set_new(object, "main", json_boolean(module->is_main));
    return object;
}

static json_t *trace_object(const struct writer_input *input, size_t i)
{
    const struct trace *trace = &input->profile->traces[i];
    json_t *object = json_object();
    json_object_set_new(object, "from", place(input, trace->from));
    json_object_set_new(object, "to", place(input, trace->to));
    json_object_set_new(object, "end", trace->has_run ? hexadecimal(trace->end) : json_null());
    json_object_set_new(object, "count", number(trace->count));
    return object;
}

static json_t *stack_object(const struct writer_input *input, size_t i)
{
    const struct stack_node *node = &input->profile->stacks[i];
    json_t *object = json_object();
    json_object_set_new(object, "caller",
                        node->parent ? number(node->parent - UINT64_C(1)) : json_null());
    json_object_set_new(object, "at", node->truncated ? json_null() : place(input, node->location));
    json_object_set_new(object, "count", number(node->count));
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
        !write_array(input, "stacks", profile->stack_count, stack_object, stream, error))
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
