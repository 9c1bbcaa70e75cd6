/* The stage that records: plain and recorded runs in turn, a workload at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/cycle/recordings.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"
#include "bolt-bridge/report/table.h"

static bool make_key(const struct cycle *cycle, const struct cycle_subject *subject,
                     size_t workload, char digest[STATE_KEY_SIZE], struct error *error)
{
    const struct cycle_request *request = cycle->request;
    const struct workload *item = &request->workloads->items[workload];
    const struct service *service = &request->workloads->service;
    struct state_key key;

    state_key_begin(&key);
    state_key_file(&key, subject->path);
    state_key_words(&key, item->words);
    if (item->input_file)
        state_key_file(&key, item->input_file);
    state_key_text(&key, service->load_command);
    state_key_text(&key, request->recorder.rate);
    state_key_text(&key, request->recorder.budget);
    state_key_text(&key, request->recorder.branches);
    state_key_number(&key, (double)request->iterations);
    state_key_number(&key, request->duration);
    return state_key_finish(&key, digest, error);
}

static bool run_workload(struct cycle *cycle, struct cycle_subject *subject, size_t number,
                         const char *pattern, struct error *error)
{
    const struct cycle_request *request = cycle->request;
    struct recorder_settings settings = request->recorder;
    struct measure_workload workload = {0};
    char *program[] = {subject->path};

    settings.pattern = pattern;
    workload_describe(request->workloads, number, &workload);
    char **plain = workload_vector(&request->workloads->items[number], program, 1, error);
    if (!plain)
        return false;
    char **recorded = recorder_arguments(cycle->recorder, &settings, plain,
                                         request->workloads->items[number].word_count + 1, error);
    workload.arguments[MEASURE_A] = plain;
    workload.arguments[MEASURE_B] = recorded;
    const struct measure_request measuring = {
        .side_count = 2,
        .paths = {subject->path, cycle->recorder},
        .names = {request->name, "the recorded run"},
        .workloads = &workload,
        .workload_count = 1,
        .stopping = {.pairs = request->iterations,
                     .least = 1,
                     .seconds = request->duration / (double)request->workloads->count},
        .tolerance = request->tolerance,
        .timeout = request->timeout,
        .progress = table_progress,
    };
    message_detail("recording into %s", pattern);
    bool done = recorded && measure_run(&measuring, &subject->overheads[number], error);
    free(recorded);
    free(plain);
    return done;
}

static void describe(const struct cycle *cycle, const struct cycle_subject *subject,
                     size_t workload, bool kept)
{
    const struct measure_report *report = &subject->overheads[workload];
    const struct measure_row *overhead = &report->all.cpu[MEASURE_B];
    const char *name = cycle->request->workloads->items[workload].name;
    char interval[64] = "";

    if (overhead->has_interval)
        snprintf(interval, sizeof(interval), ", 95 %% interval %.4f ... %.4f",
                 overhead->interval.low, overhead->interval.high);
    cycle_say(cycle, "record %s%s%s: %zu run%s%s; overhead: CPU time %.4f of plain%s",
              subject->label, name ? ", " : "", name ? name : "", report->pairs,
              report->pairs == 1 ? "" : "s", kept ? " (done before, kept)" : "",
              overhead->interval.ratio, interval);
    table_warn_exit_status(name, &report->workloads[0]);
}

static bool count_recordings(const struct cycle *cycle, const struct cycle_subject *subject,
                             size_t workload, size_t *count, struct error *error)
{
    struct recordings recordings;
    bool done = recordings_list(cycle, subject, workload, &recordings, error);

    *count = recordings.count;
    recordings_free(&recordings);
    return done;
}

/* Records anew, whatever is there. */
static bool record_again(struct cycle *cycle, struct cycle_subject *subject, size_t workload,
                         const char *prefix, struct error *error)
{
    char pattern[PATH_MAX];
    const struct measure_report *report = &subject->overheads[workload];

    if (!recordings_remove(cycle, subject, workload, error) ||
        !file_path(pattern, error, "%s/%s%%p.pgoraw", cycle->directory, prefix) ||
        !run_workload(cycle, subject, workload, pattern, error))
        return false;
    if (report->same)
        return true;
    cycle->unstable = true;
    error_set(error, ERROR_WORKLOAD_FAILED, cycle->request->name, "it cannot be compared: %s",
              report->difference);
    return false;
}

static bool record_workload(struct cycle *cycle, struct cycle_subject *subject, size_t workload,
                            struct error *error)
{
    char stage[128], prefix[NAME_MAX + 1], key[STATE_KEY_SIZE];
    struct measure_report *report = &subject->overheads[workload];
    size_t count;

    recordings_prefix(cycle, subject, workload, prefix, sizeof(prefix));
    snprintf(stage, sizeof(stage), "%.100s", prefix);
    if (!make_key(cycle, subject, workload, key, error) ||
        !count_recordings(cycle, subject, workload, &count, error))
        return false;
    const json_t *kept = state_done(cycle->state, stage, key);
    if (kept && state_unpack_report(json_object_get(kept, "overhead"), report) &&
        (size_t)json_integer_value(json_object_get(kept, "files")) == count) {
        describe(cycle, subject, workload, true);
        return true;
    }
    if (!record_again(cycle, subject, workload, prefix, error))
        return false;
    describe(cycle, subject, workload, false);
    return count_recordings(cycle, subject, workload, &count, error) &&
           state_keep(cycle->state, stage, key,
                      json_pack("{s:I, s:o}", "files", (json_int_t)count, "overhead",
                                state_pack_report(report, 1)),
                      error);
}

bool cycle_record(struct cycle *cycle, struct cycle_subject *subject, struct error *error)
{
    for (size_t i = 0; i < cycle->request->workloads->count; i++)
        if (!record_workload(cycle, subject, i, error))
            return false;
    return true;
}
