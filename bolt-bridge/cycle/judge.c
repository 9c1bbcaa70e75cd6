/* The stages that judge the candidate: the project's tests, and the comparison. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "bolt-bridge/cycle/sides.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/report/table.h"

bool cycle_test(struct cycle *cycle, struct error *error)
{
    const char *command = cycle->request->test_command;
    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    char *environment[2] = {NULL, NULL};
    char key[STATE_KEY_SIZE], variable[PATH_MAX + 16], how[256], tail[1024];
    struct process_result result;
    struct state_key making;

    state_key_begin(&making);
    state_key_text(&making, command);
    state_key_file(&making, cycle->candidate);
    if (!state_key_finish(&making, key, error) ||
        !cycle_path(cycle, "tests.log", cycle->test_log, error))
        return false;
    cycle->tested = true;
    if (state_done(cycle->state, "test", key)) {
        cycle->tests_passed = true;
        cycle_say(cycle, "test: done before, passed");
        return true;
    }
    snprintf(variable, sizeof(variable), "PGO_BINARY=%s", cycle->candidate);
    environment[0] = variable;
    struct process process = {.path = "/bin/sh",
                              .arguments = arguments,
                              .environment = environment,
                              .output_file = cycle->test_log,
                              .error_file = cycle->test_log,
                              .label = "testing"};
    if (!process_run(&process, &result, error))
        return false;
    cycle->tests_passed = process_succeeded(&result);
    process_describe(&result, how, sizeof(how));
    process_quote_tail(cycle->test_log, 8, tail, sizeof(tail));
    message_detail("the tests' output is in %s", cycle->test_log);
    cycle_say(cycle, "test: %s %s%s", command, how, cycle->tests_passed ? "" : tail);
    return !cycle->tests_passed || state_keep(cycle->state, "test", key, json_object(), error);
}

static bool make_key(const struct cycle *cycle, const struct measure_request *request,
                     char digest[STATE_KEY_SIZE], struct error *error)
{
    const struct workloads *workloads = cycle->request->workloads;
    struct state_key key;

    state_key_begin(&key);
    for (size_t i = 0; i < request->side_count; i++)
        state_key_file(&key, request->paths[i]);
    for (size_t i = 0; i < workloads->count; i++) {
        state_key_words(&key, workloads->items[i].words);
        state_key_number(&key, workloads->items[i].weight);
        if (workloads->items[i].input_file)
            state_key_file(&key, workloads->items[i].input_file);
    }
    state_key_text(&key, workloads->service.load_command);
    state_key_number(&key, (double)request->stopping.pairs);
    state_key_number(&key, request->stopping.precision);
    state_key_number(&key, request->stopping.seconds);
    state_key_number(&key, request->tolerance.output + 2 * request->tolerance.errors);
    return state_key_finish(&key, digest, error);
}

static bool measure(struct cycle *cycle, const struct measure_request *request, struct error *error)
{
    char key[STATE_KEY_SIZE];

    if (!make_key(cycle, request, key, error))
        return false;
    const json_t *kept = state_done(cycle->state, "compare", key);
    if (kept && state_unpack_report(kept, &cycle->comparison) &&
        state_unpack_pairs(kept, &cycle->pairs)) {
        cycle_say(cycle, "compare: done before, kept");
        return true;
    }
    struct measure_request measured = *request;
    measured.pairs = &cycle->pairs;
    if (!measure_run(&measured, &cycle->comparison, error))
        return false;
    /* On a machine that was too busy to tell, it is worth another try. */
    if (cycle->comparison.stopped == STOPPING_TIME)
        return true;
    json_t *result = state_pack_report(&cycle->comparison, request->workload_count);
    state_pack_pairs(result, &cycle->pairs);
    return state_keep(cycle->state, "compare", key, result, error);
}

/* Gives the request its arguments, does it, and frees them. */
static bool with_arguments(struct cycle *cycle, struct measure_request *request,
                           struct measure_workload workloads[MEASURE_WORKLOADS],
                           bool (*act)(struct cycle *, const struct measure_request *,
                                       struct error *),
                           struct error *error)
{
    char *name[] = {cycle->plain.path};
    bool done = true;

    /* All see the plain one's name, so that messages with it in them are the same. */
    for (size_t i = 0; done && i < request->workload_count; i++) {
        char **vector = workload_vector(&cycle->request->workloads->items[i], name, 1, error);
        done = vector != NULL;
        for (size_t side = 0; side < MEASURE_SIDES; side++)
            workloads[i].arguments[side] = vector;
    }
    done = done && act(cycle, request, error);
    for (size_t i = 0; i < request->workload_count; i++)
        free((void *)workloads[i].arguments[MEASURE_A]);
    return done;
}

bool cycle_compare(struct cycle *cycle, struct error *error)
{
    struct measure_workload workloads[MEASURE_WORKLOADS] = {0};
    struct measure_request request;

    cycle_describe_comparison(cycle, &request, workloads);
    if (!with_arguments(cycle, &request, workloads, measure, error))
        return false;
    cycle->compared = true;
    if (!cycle->request->quiet) {
        const char *files[MEASURE_SIDES] = {request.paths[MEASURE_A], request.paths[MEASURE_B],
                                            request.paths[MEASURE_C]};
        table_print(&request, &cycle->comparison, files);
    }
    table_warn(&request, &cycle->comparison);
    return true;
}

/* By valgrind a program takes about that many times as long. */
#define COUNTING_SLOWDOWN 60

static bool count(struct cycle *cycle, const struct measure_request *request, struct error *error)
{
    struct measure_request counting = *request;
    enum measure_side side = (enum measure_side)(request->side_count - 1);
    char key[STATE_KEY_SIZE];

    counting.timeout = cycle->request->count_seconds;
    if (!make_key(cycle, request, key, error))
        return false;
    const json_t *kept = state_done(cycle->state, "count", key);
    if (kept && state_unpack_counts(kept, request, &cycle->counted)) {
        cycle_say(cycle, "count: done before, kept");
        return true;
    }
    return count_sides(&counting, side, COUNTS_BY_VALGRIND, &cycle->counted, error) &&
           (!cycle->counted.same ||
            state_keep(cycle->state, "count", key, state_pack_counts(&cycle->counted), error));
}

/* Why it is not worth trying, or NULL. */
static const char *no_counting(const struct cycle *cycle, char *text, size_t size)
{
    double limit = cycle->request->count_seconds;
    double seconds = cycle->comparison.all.cpu[MEASURE_A].value * 2 * COUNTING_SLOWDOWN;

    if (cycle->request->workloads->is_server)
        return "a server's work is not the same twice";
    if (seconds <= limit)
        return NULL;
    snprintf(text, size,
             "it would take about %.0f minutes: give a smaller workload, or --count-time",
             ceil(seconds / 60));
    return text;
}

static void say_counts(struct cycle *cycle)
{
    char text[512];

    if (!cycle->counted.same) {
        message_warning(
            "under valgrind the programs behave differently: their counts decide nothing");
        return;
    }
    cycle->has_counts = true;
    count_sentence(&cycle->counted.judgement, text, sizeof(text));
    cycle_say(cycle, "count: times cannot tell, by counts it is %s: %s",
              count_verdict_text(cycle->counted.judgement.verdict), text);
}

bool cycle_count(struct cycle *cycle, struct error *error)
{
    struct measure_workload workloads[MEASURE_WORKLOADS] = {0};
    struct measure_request request;
    char text[256];

    cycle_describe_comparison(cycle, &request, workloads);
    const struct measure_row *row = &cycle->comparison.all.cpu[request.side_count - 1];
    if (!cycle->comparison.same || row->verdict != PAIRED_NO_DIFFERENCE ||
        cycle->request->count_seconds <= 0)
        return true;
    const char *reason = no_counting(cycle, text, sizeof(text));
    if (!reason && with_arguments(cycle, &request, workloads, count, error)) {
        say_counts(cycle);
        return true;
    }
    if (!reason && error->code == ERROR_INTERRUPTED)
        return false;
    if (!reason)
        message_error(error);
    message_note("times cannot tell, and counts could not be taken%s%s", reason ? ": " : "",
                 reason ? reason : "");
    return true;
}
