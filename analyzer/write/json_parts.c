#include "analyzer/write/json_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/base/text.h"
#include "include/pgoshim/raw.h"

json_t *json_versioned(void)
{
    return json_pack("{s:i}", "version", JSON_VERSION);
}

json_t *json_number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_text(const char *text)
{
    char visible[8192];
    json_t *string = json_string(text); /* refuses what is not UTF-8 */
    return string ? string : json_string(text_printable(text, visible, sizeof(visible)));
}

json_t *json_counters(const uint64_t *counters)
{
    static const char *const names[PGORAW_MAX_COUNTERS] = {
#define COUNTER_NAME(number, identifier, text) [number] = #identifier,
        PGORAW_COUNTERS(COUNTER_NAME)
#undef COUNTER_NAME
    };
    json_t *object = json_object();
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS; counter++) {
        if (counters[counter] > 0 && names[counter])
            json_object_set_new(object, names[counter], json_number(counters[counter]));
    }
    return object;
}

json_t *json_recording(const struct recording *recording)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", json_text(recording->file));
    json_object_set_new(object, "program", json_text(recording->program));
    json_object_set_new(object, "command", json_text(recording->command_line));
    json_object_set_new(object, "host", json_text(recording->host));
    json_object_set_new(object, "why", json_text(recording->why));
    json_object_set_new(object, "sampler", json_number(recording->sampler));
    json_object_set_new(object, "branch_source", json_number(recording->branch_source));
    json_object_set_new(object, "machine", json_number(recording->machine));
    json_object_set_new(object, "budget_ppm", json_number(recording->budget_ppm));
    json_object_set_new(object, "shortest_period_ns", json_number(recording->shortest_period_ns));
    json_object_set_new(object, "period_ns", json_number(recording->period_ns));
    json_object_set_new(object, "start_time_ns", json_number(recording->start_time_ns));
    json_object_set_new(object, "process_id", json_integer(recording->process_id));
    json_object_set_new(object, "counters", json_counters(recording->counters));
    return object;
}

static json_t *hexadecimal(uint64_t value)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%#" PRIx64, value);
    return json_string(digits);
}

json_t *json_module(const struct module *module)
{
    char build_id[PROFILE_BUILD_ID_TEXT];
    json_t *object = json_object();
    build_id_text(module->build_id, module->build_id_size, build_id);
    json_object_set_new(object, "path", json_text(module->path));
    json_object_set_new(object, "build_id",
                        module->build_id_size > 0 ? json_string(build_id) : json_null());
    json_object_set_new(object, "low_address", hexadecimal(module->low_address));
    json_object_set_new(object, "high_address", hexadecimal(module->high_address));
    json_object_set_new(object, "main", json_boolean(module->is_main));
    return object;
}
