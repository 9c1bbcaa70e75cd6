#include "bolt-bridge/tune/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/model/binary/binary.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/report/table.h"
#include "bolt-bridge/toolchain/relink.h"
#include "bolt-bridge/tune/search.h"
#include "bolt-bridge/tune/trial.h"
#include "bolt-bridge/tune/variants.h"

#define LONGEST_HELP (1 << 20)

/* Which choices there are here: of this llvm-bolt, and for this binary. */
static bool find_choices(struct tune *tune, struct error *error)
{
    static char help[LONGEST_HELP];
    char *arguments[] = {tune->bolt.path, "--help-hidden", NULL};

    if (!process_ask(tune->bolt.path, arguments, help, sizeof(help), error))
        return false;
    struct binary *binary = binary_open(tune->request->binary, error);
    if (!binary)
        return false;
    bool binds_now = binary_binds_now(binary);
    binary_free(binary);
    for (size_t axis = 0; axis < tune_axis_count; axis++) {
        const struct tune_axis *one = &tune_axes[axis];
        for (size_t i = 0; i < TUNE_CHOICES && one->choices[i][0]; i++) {
            bool known = !one->needs_bound_symbols || binds_now;
            for (size_t k = 0; known && one->choices[i][k]; k++)
                known = choice_is_known(help, one->choices[i][k]);
            tune->known[axis][i] = known;
        }
    }
    return true;
}

static bool prepare(struct tune *tune, struct error *error)
{
    const struct tune_request *request = tune->request;
    struct relink_request relink = {.binary = request->binary};

    if (request->workloads->is_server || request->held_out->is_server) {
        error_set(error, ERROR_USAGE, "--load",
                  "a server's work is not the same twice: tune for "
                  "a program that does a part of it");
        return false;
    }
    if (request->directory && !file_make_directory(request->directory, error))
        return false;
    if (request->directory)
        snprintf(tune->directory, sizeof(tune->directory), "%s", request->directory);
    else if (!temporary_path("tune", tune->directory, error) ||
             !file_make_directory(tune->directory, error))
        return false;
    tune->state = state_open(request->directory, "tune.json", error);
    tune->workload_count = request->workloads->count + request->held_out->count;
    return tune->state && relink_check(&relink, error) &&
           relink_check_output(request->binary, request->output, error) &&
           bolt_find(request->bolt, &tune->bolt, error) && find_choices(tune, error) &&
           variants_write(tune, error);
}

/* The trial as it is handed over: with llvm-bolt's note of how it was made. */
static bool write_final(const struct tune *tune, const struct layout_trial *trial, const char *path,
                        struct error *error)
{
    const char *options[CANDIDATE_OPTIONS];
    struct relink_result result;
    size_t count = candidate_options(&trial->candidate, options);
    struct relink_request relink = {.binary = tune->request->binary,
                                    .fdata = tune->profiles[trial->candidate.profile],
                                    .bolt = tune->bolt.path,
                                    .options = (char *const *)options,
                                    .option_count = count};

    return relink_write(&relink, path, &result, error);
}

static bool measure(struct tune *tune, const char *paths[MEASURE_C], struct error *error)
{
    const struct workloads *workloads = tune->request->workloads;
    struct measure_workload described[MEASURE_WORKLOADS] = {0};
    struct measure_request request = {.side_count = MEASURE_C,
                                      .paths = {paths[MEASURE_A], paths[MEASURE_B]},
                                      .names = {"the default layout", "the winner"},
                                      .workloads = described,
                                      .workload_count = workloads->count,
                                      .stopping = tune->request->comparing,
                                      .noise = true,
                                      .tolerance = tune->request->tolerance,
                                      .progress = table_progress};
    char *name[] = {(char *)tune->request->name};
    bool done = true;

    for (size_t i = 0; done && i < workloads->count; i++) {
        workload_describe(workloads, i, &described[i]);
        char **vector = workload_vector(&workloads->items[i], name, 1, error);
        done = vector != NULL;
        for (size_t side = 0; side < MEASURE_SIDES; side++)
            described[i].arguments[side] = vector;
    }
    done = done && measure_run(&request, &tune->comparison, error);
    for (size_t i = 0; i < workloads->count; i++)
        free((void *)described[i].arguments[MEASURE_A]);
    return done;
}

/* Whether the winner by counts is not slower than the default and does the same. */
static bool confirm(struct tune *tune, struct error *error)
{
    char paths[MEASURE_C][PATH_MAX];
    const char *sides[MEASURE_C] = {paths[MEASURE_A], paths[MEASURE_B]};

    tune->result = TUNE_NOTHING;
    if (!tune->winner)
        return true;
    if (!file_path(paths[MEASURE_A], error, "%s/default", tune->directory) ||
        !file_path(paths[MEASURE_B], error, "%s/winner", tune->directory) ||
        !write_final(tune, &tune->trials[0], paths[MEASURE_A], error) ||
        !write_final(tune, &tune->trials[tune->winner], paths[MEASURE_B], error) ||
        !measure(tune, sides, error))
        return false;
    tune->compared = true;
    tune->result = TUNE_NOT_CONFIRMED;
    if (!tune->comparison.same)
        tune->why = "it does not do the same as the default";
    else if (tune->comparison.all.cpu[MEASURE_B].verdict == PAIRED_SLOWER)
        tune->why = "it is slower than the default";
    else
        tune->result = TUNE_BETTER;
    return true;
}

static bool hand_over(struct tune *tune, struct error *error)
{
    const struct tune_request *request = tune->request;
    const struct layout_trial *trial =
        &tune->trials[tune->result == TUNE_BETTER ? tune->winner : 0];
    struct temporary_output output;

    if (!temporary_output_open(&output, request->output, request->force, error))
        return false;
    if (write_final(tune, trial, output.path, error))
        return temporary_output_commit(&output, request->force, error);
    temporary_output_discard(&output);
    return false;
}

static void remove_layouts(const struct tune *tune)
{
    for (size_t i = 0; i < tune->trial_count; i++)
        if (*tune->trials[i].path)
            unlink(tune->trials[i].path);
}

bool tune_run(struct tune *tune, const struct tune_request *request, struct error *error)
{
    *tune = (struct tune){.request = request};
    bool done = prepare(tune, error) && trial_count_plain(tune, error) && search_run(tune, error) &&
                confirm(tune, error) && hand_over(tune, error);
    remove_layouts(tune);
    return done;
}

void tune_free(struct tune *tune)
{
    state_free(tune->state);
    tune->state = NULL;
}
