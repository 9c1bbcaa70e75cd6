/* A report for other programs. */
#include <jansson.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/verbs/report.h"
#include "analyzer/write/json_parts.h"

static json_t *module_path(const struct report *report, uint32_t module)
{
    return module < report->profile->module_count ? json_text(report->profile->modules[module].path)
                                                  : json_null();
}

static json_t *place(const struct report *report, struct location location)
{
    json_t *object = json_object();
    const struct binary *binary = binaries_get(report->binaries, location.module);
    const struct function *function = binary ? binary_function_at(binary, location.address) : NULL;
    json_object_set_new(object, "module", module_path(report, location.module));
    json_object_set_new(object, "address", json_number(location.address));
    json_object_set_new(object, "function", function ? json_text(function->name) : json_null());
    if (function)
        json_object_set_new(object, "offset", json_number(location.address - function->address));
    return object;
}

static json_t *recordings(const struct report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->profile->recording_count; i++)
        json_array_append_new(array, json_recording(&report->profile->recordings[i]));
    return array;
}

static json_t *functions(const struct report *report)
{
    const struct hotspots *hotspots = &report->hotspots;
    json_t *array = json_array();
    for (size_t i = 0; i < hotspots->function_count && i < report->top; i++) {
        const struct hot_function *hot = &hotspots->functions[i];
        json_t *object = json_object();
        json_object_set_new(object, "name",
                            hot->function ? json_text(hot->function->name) : json_null());
        json_object_set_new(object, "module", module_path(report, hot->module));
        json_object_set_new(object, "samples", json_number(hot->samples));
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
            json_object_set_new(to, "count", json_number(target->count));
            json_array_append_new(targets, to);
        }
        json_object_set_new(object, "site", place(report, site->location));
        json_object_set_new(object, "count", json_number(site->count));
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
        json_object_set_new(object, "taken", json_number(branch->taken));
        json_object_set_new(object, "not_taken", json_number(branch->not_taken));
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
    json_object_set_new(object, "counters", json_counters(report->counters));
    json_object_set_new(object, "samples", json_number(hotspots->samples));
    json_object_set_new(object, "samples_outside_modules", json_number(hotspots->samples_outside));
    json_object_set_new(object, "samples_without_symbol", json_number(hotspots->samples_unnamed));
    json_object_set_new(object, "corrects_counts",
                        json_boolean(correction_is_sound(report->profile)));
    json_object_set_new(object, "functions", functions(report));
    json_object_set_new(object, "call_sites", call_sites(report));
    json_object_set_new(object, "branches", branches(report));
    json_dumpf(object, stream, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stream);
    json_decref(object);
    return true;
}
