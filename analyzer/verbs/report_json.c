/* A report for other programs. */
#include "analyzer/verbs/report_json.h"

#include <jansson.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/verbs/describe.h"
#include "analyzer/write/json_parts.h"

static json_t *module_path(const struct report *report, uint32_t module)
{
    return module < report->profile->module_count ? json_text(report->profile->modules[module].path)
                                                  : json_null();
}

static void set_source(const struct report *report, json_t *object, struct location location)
{
    struct source_place source = source_places_at(report->places, location);
    if (!source.file)
        return;
    json_object_set_new(object, "file", json_text(source.file));
    json_object_set_new(object, "line", json_number(source.line));
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
    set_source(report, object, location);
    return object;
}

static json_t *recordings(const struct report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->profile->recording_count; i++)
        json_array_append_new(array, json_recording(&report->profile->recordings[i]));
    return array;
}

static json_t *function(const struct report *report, const struct function_cost *cost)
{
    json_t *object = json_object();
    json_object_set_new(object, "name",
                        cost->function ? json_text(cost->function->name) : json_null());
    json_object_set_new(object, "module", module_path(report, cost->module));
    json_object_set_new(object, "samples", json_number(cost->self));
    json_object_set_new(object, "self_percent",
                        json_real(percent(cost->self, report->hotspots.samples)));
    json_object_set_new(object, "total_samples", json_number(cost->total));
    json_object_set_new(object, "total_percent",
                        json_real(percent(cost->total, report->costs.whole)));
    if (cost->function)
        set_source(report, object, (struct location){cost->module, cost->function->address});
    return object;
}

static json_t *functions(const struct report *report)
{
    const struct function_costs *costs = &report->costs;
    json_t *array = json_array();
    for (size_t i = 0; i < costs->count && json_array_size(array) < report->top; i++) {
        const struct function_cost *cost = &costs->items[report->order[i]];
        if (report_wants(report, cost->module) && cost->module != PROFILE_MODULE_NONE &&
            cost->self + cost->total > 0)
            json_array_append_new(array, function(report, cost));
    }
    return array;
}

/* All callers or callees of the function in focus, by their place in the profile. */
static json_t *calls(const struct report *report, bool of_callers)
{
    const struct function_costs *costs = &report->costs;
    json_t *array = json_array();
    for (size_t i = 0; i < costs->call_count; i++) {
        const struct function_call *call = &costs->calls[i];
        if ((of_callers ? call->callee : call->caller) != report->focus)
            continue;
        json_t *object = function(report, &costs->items[of_callers ? call->caller : call->callee]);
        json_object_set_new(object, "call_samples", json_number(call->samples));
        json_object_set_new(object, "calls", json_number(call->calls));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *focus(const struct report *report)
{
    json_t *object = function(report, &report->costs.items[report->focus]);
    json_object_set_new(object, "callers", calls(report, true));
    json_object_set_new(object, "callees", calls(report, false));
    return object;
}

/* As pgo-analyze check --json tells it, without what each finding rests on. */
static json_t *quality(const struct report *report)
{
    json_t *object = json_object();
    json_t *checks = json_array();
    if (!report->has_quality) {
        json_decref(checks);
        json_decref(object);
        return json_null();
    }
    for (size_t i = 0; i < report->quality.finding_count; i++) {
        const struct quality_finding *finding = &report->quality.findings[i];
        json_array_append_new(checks, json_pack("{s:s,s:s,s:o,s:o}", "name", finding->name,
                                                "verdict", verdict_name(finding->verdict), "text",
                                                json_text(finding->text), "remedy",
                                                json_text(finding->remedy)));
    }
    json_object_set_new(object, "verdict", json_string(verdict_name(report->quality.verdict)));
    json_object_set_new(object, "module", module_path(report, report->judged));
    json_object_set_new(object, "checks", checks);
    return object;
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
    json_t *object = json_versioned();
    if (!object)
        return memory_exhausted(error);
    json_object_set_new(object, "recordings", recordings(report));
    json_object_set_new(object, "counters", json_counters(report->counters));
    json_object_set_new(object, "samples", json_number(hotspots->samples));
    json_object_set_new(object, "samples_with_stack", json_number(report->costs.stacks));
    json_object_set_new(object, "cpu_time_ns", json_number(report->cpu_time_ns));
    json_object_set_new(object, "quality", quality(report));
    json_object_set_new(object, "samples_outside_modules", json_number(hotspots->samples_outside));
    json_object_set_new(object, "samples_without_symbol", json_number(hotspots->samples_unnamed));
    json_object_set_new(object, "corrects_counts",
                        json_boolean(correction_is_sound(report->profile)));
    json_object_set_new(object, "functions", functions(report));
    json_object_set_new(object, "call_sites", call_sites(report));
    json_object_set_new(object, "branches", branches(report));
    if (report->has_focus)
        json_object_set_new(object, "focus", focus(report));
    json_dumpf(object, stream, JSON_INDENT(2)); /* the caller looks at the stream */
    fputc('\n', stream);
    json_decref(object);
    return true;
}
