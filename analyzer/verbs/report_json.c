/* A report for other programs. */
#include <jansson.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/report.h"
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

static json_t *module_path(const struct report *report, uint32_t module)
{
    return module < report->profile->module_count ? text(report->profile->modules[module].path)
                                                  : json_null();
}

static json_t *place(const struct report *report, struct location location)
{
    json_t *object = json_object();
    const struct binary *binary = binaries_get(report->binaries, location.module);
    const struct function *function = binary ? binary_function_at(binary, location.address) : NULL;
    json_object_set_new(object, "module", module_path(report, location.module));
    json_object_set_new(object, "address", number(location.address));
    json_object_set_new(object, "function", function ? text(function->name) : json_null());
    if (function)
        json_object_set_new(object, "offset", number(location.address - function->address));
    return object;
}

static json_t *recordings(const struct report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->profile->recording_count; i++) {
        const struct recording *recording = &report->profile->recordings[i];
        json_t *object = json_object();
        json_object_set_new(object, "file", text(recording->file));
        json_object_set_new(object, "program", text(recording->program));
        json_object_set_new(object, "command", text(recording->command_line));
        json_object_set_new(object, "sampler", json_string(sampler_text(recording->sampler)));
        json_object_set_new(object, "branches",
                            json_string(branch_source_text(recording->branch_source)));
        json_object_set_new(object, "why", text(recording->why));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *counters(const struct report *report)
{
    json_t *object = json_object();
    for (unsigned counter = 0; counter < PGORAW_MAX_COUNTERS; counter++) {
        if (report->counters[counter] > 0 && counter_identifier(counter))
            json_object_set_new(object, counter_identifier(counter),
                                number(report->counters[counter]));
    }
    return object;
}

static json_t *functions(const struct report *report)
{
    const struct hotspots *hotspots = &report->hotspots;
    json_t *array = json_array();
    for (size_t i = 0; i < hotspots->function_count && i < report->top; i++) {
        const struct hot_function *hot = &hotspots->functions[i];
        json_t *object = json_object();
        json_object_set_new(object, "function",
                            hot->function ? text(hot->function->name) : json_null());
        json_object_set_new(object, "module", module_path(report, hot->module));
        json_object_set_new(object, "samples", number(hot->samples));
        json_object_set_new(object, "self_percent",
                            json_real(percent(hot->samples, hotspots->samples)));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *call_sites(const struct report *report)
{
    const struct hotspots *hotspots = &report->hotspots;
    json_t *array = json_array();
    for (size_t i = 0; i < hotspots->call_site_count && i < report->top; i++) {
        const struct call_site *site = &hotspots->call_sites[i];
        json_t *object = json_object();
        json_t *targets = json_array();
        for (size_t t = 0; t < site->target_count; t++) {
            const struct call_target *target = &hotspots->targets[site->first_target + t];
            json_t *to = place(report, target->location);
            json_object_set_new(to, "count", number(target->count));
            json_array_append_new(targets, to);
        }
        json_object_set_new(object, "site", place(report, site->location));
        json_object_set_new(object, "count", number(site->count));
        json_object_set_new(object, "targets", targets);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *branches(const struct report *report)
{
    const struct hotspots *hotspots = &report->hotspots;
    json_t *array = json_array();
    for (size_t i = 0; i < hotspots->branch_count && i < report->top; i++) {
        const struct hot_branch *branch = &hotspots->branches[i];
        json_t *object = json_object();
        json_object_set_new(object, "branch", place(report, branch->location));
        json_object_set_new(object, "taken", number(branch->taken));
        json_object_set_new(object, "not_taken", number(branch->not_taken));
        json_array_append_new(array, object);
    }
    return array;
}

bool report_print_json(const struct report *report, FILE *stream, struct error *error)
{
    const struct hotspots *hotspots = &report->hotspots;
    json_t *object = json_object();
    if (!object)
        return memory_exhausted(error);
    json_object_set_new(object, "recordings", recordings(report));
    json_object_set_new(object, "counters", counters(report));
    json_object_set_new(object, "samples", number(hotspots->samples));
    json_object_set_new(object, "samples_outside_modules", number(hotspots->samples_outside));
    json_object_set_new(object, "samples_without_symbol", number(hotspots->samples_unnamed));
    json_object_set_new(object, "functions", functions(report));
    json_object_set_new(object, "call_sites", call_sites(report));
    json_object_set_new(object, "branches", branches(report));
    json_dumpf(object, stream, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stream);
    json_decref(object);
    return true;
}
