#include "bolt-bridge/tune/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/counting/counted_run.h"
#include "bolt-bridge/toolchain/relink.h"

const struct workload *tune_workload(const struct tune *tune, size_t index)
{
    const struct tune_request *request = tune->request;
    size_t tuned = request->workloads->count;
    return index < tuned ? &request->workloads->items[index]
                         : &request->held_out->items[index - tuned];
}

static bool digest_of_file(const char *path, char digest[STATE_KEY_SIZE], struct error *error)
{
    struct state_key key;

    state_key_begin(&key);
    state_key_file(&key, path);
    return state_key_finish(&key, digest, error);
}

static json_t *pack_count(const struct tune_count *count)
{
    json_t *values = json_array(), *output = json_array();

    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        json_array_append_new(values, json_integer((json_int_t)count->run.counts.values[kind]));
    for (size_t i = 0; i < sizeof(count->run.output); i++)
        json_array_append_new(output, json_integer(count->run.output[i]));
    return json_pack("{s:o, s:i, s:o}", "counts", values, "exit_status", count->run.exit_status,
                     "output", output);
}

static bool unpack_count(const json_t *object, struct tune_count *count)
{
    struct counted_run *run = &count->run;
    json_t *values, *output;

    if (json_unpack((json_t *)object, "{s:o, s:i, s:o}", "counts", &values, "exit_status",
                    &run->exit_status, "output", &output) != 0 ||
        json_array_size(values) != COUNT_KINDS || json_array_size(output) != sizeof(run->output))
        return false;
    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        run->counts.values[kind] = (uint64_t)json_integer_value(json_array_get(values, kind));
    for (size_t i = 0; i < sizeof(run->output); i++)
        run->output[i] = (uint8_t)json_integer_value(json_array_get(output, i));
    count->known = true;
    return true;
}

/* Of what a count depends on: the program's code, and what it is run with. */
static bool count_key(const char *digest, const struct workload *workload,
                      char result[STATE_KEY_SIZE], struct error *error)
{
    struct state_key key;

    state_key_begin(&key);
    state_key_text(&key, "count");
    state_key_text(&key, digest);
    state_key_words(&key, workload->words);
    if (workload->input_file)
        state_key_file(&key, workload->input_file);
    return state_key_finish(&key, result, error);
}

/* The count of a file on a workload, from what is known or by running it. */
static bool count_file(struct tune *tune, const char *path, const char *digest, size_t index,
                       double timeout, struct tune_count *count, struct error *error)
{
    const struct workload *workload = tune_workload(tune, index);
    char key[STATE_KEY_SIZE];

    if (count->known)
        return true;
    if (!count_key(digest, workload, key, error))
        return false;
    const json_t *kept = state_done(tune->state, key, key);
    if (kept && unpack_count(kept, count)) {
        tune->kept++;
        return true;
    }
    if (!counted_run(COUNTS_BY_VALGRIND, path, tune->request->name, workload, timeout, &count->run,
                     error))
        return false;
    count->known = true;
    tune->counted++;
    return state_keep(tune->state, key, key, pack_count(count), error);
}

bool trial_count_plain(struct tune *tune, struct error *error)
{
    char digest[STATE_KEY_SIZE];
    uint64_t fewest = UINT64_MAX;

    if (!digest_of_file(tune->request->binary, digest, error))
        return false;
    for (size_t i = 0; i < tune->workload_count; i++) {
        struct tune_count *count = &tune->plain[i];
        message_progress("counting the program as it is", i + 1, tune->workload_count);
        if (!count_file(tune, tune->request->binary, digest, i, 0, count, error))
            return false;
        if (count->run.exit_status < 0) {
            error_set(error, ERROR_WORKLOAD_FAILED, tune->request->name,
                      "it crashed under valgrind");
            return false;
        }
        if (i < tune->request->workloads->count &&
            count->run.counts.values[COUNT_CYCLES] < fewest) {
            fewest = count->run.counts.values[COUNT_CYCLES];
            tune->screening = i;
        }
    }
    return true;
}

static bool relink_key(const struct tune *tune, const struct layout_trial *trial,
                       char result[STATE_KEY_SIZE], struct error *error)
{
    const char *options[CANDIDATE_OPTIONS];
    size_t count = candidate_options(&trial->candidate, options);
    struct state_key key;

    state_key_begin(&key);
    state_key_text(&key, "layout");
    state_key_file(&key, tune->request->binary);
    state_key_file(&key, tune->profiles[trial->candidate.profile]);
    state_key_text(&key, tune->bolt.path);
    state_key_text(&key, tune->bolt.version);
    for (size_t i = 0; i < count; i++)
        state_key_text(&key, options[i]);
    return state_key_finish(&key, result, error);
}

/* Without a note of the options that it was made with, equal layouts are equal files. */
static bool write_layout(struct tune *tune, struct layout_trial *trial, struct error *error)
{
    const char *options[CANDIDATE_OPTIONS + 1];
    size_t count = candidate_options(&trial->candidate, options);
    struct relink_result result;

    options[count++] = "-bolt-info=0";
    struct relink_request relink = {.binary = tune->request->binary,
                                    .fdata = tune->profiles[trial->candidate.profile],
                                    .bolt = tune->bolt.path,
                                    .options = (char *const *)options,
                                    .option_count = count};
    return relink_write(&relink, trial->path, &result, error) &&
           digest_of_file(trial->path, trial->digest, error);
}

/* What llvm-bolt made of it before, where it is needed again only as a file. */
static bool make_layout(struct tune *tune, struct layout_trial *trial, struct error *error)
{
    char key[STATE_KEY_SIZE];

    if (!relink_key(tune, trial, key, error))
        return false;
    const char *kept = json_string_value(state_done(tune->state, key, key));
    if (kept) {
        snprintf(trial->digest, sizeof(trial->digest), "%s", kept);
        return true;
    }
    return write_layout(tune, trial, error) &&
           state_keep(tune->state, key, key, json_string(trial->digest), error);
}

static void find_same(const struct tune *tune, struct layout_trial *trial)
{
    for (size_t i = 0; i < tune->trial_count; i++) {
        if (strcmp(tune->trials[i].digest, trial->digest) == 0 &&
            tune->trials[i].state != TRIAL_SAME_LAYOUT) {
            trial->state = TRIAL_SAME_LAYOUT;
            trial->same_as = i;
            unlink(trial->path);
            return;
        }
    }
}

struct layout_trial *trial_make(struct tune *tune, const struct candidate *candidate,
                                struct error *error)
{
    struct layout_trial *trial = &tune->trials[tune->trial_count];
    char name[32];

    error->code = ERROR_NONE;
    if (tune->trial_count == TUNE_TRIALS)
        return NULL;
    for (size_t i = 0; i < tune->trial_count; i++)
        if (candidate_same(&tune->trials[i].candidate, candidate))
            return NULL;
    *trial = (struct layout_trial){.candidate = *candidate};
    /* All of one length: the loader's work depends on that of the path. */
    snprintf(name, sizeof(name), "trial-%03zu", tune->trial_count);
    if (!file_path(trial->path, error, "%s/%s", tune->directory, name))
        return NULL;
    if (!make_layout(tune, trial, error)) {
        if (error->code != ERROR_TOOL_FAILED || tune->trial_count == 0)
            return NULL;
        trial->state = TRIAL_FAILED;
        snprintf(trial->reason, sizeof(trial->reason), "%.200s", error->detail);
    } else {
        find_same(tune, trial);
    }
    error->code = ERROR_NONE;
    tune->trial_count++;
    return trial;
}

bool trial_count(struct tune *tune, struct layout_trial *trial, size_t workload,
                 struct error *error)
{
    const struct tune_count *plain = &tune->plain[workload];
    struct tune_count *count = &trial->runs[workload];
    char key[STATE_KEY_SIZE];

    if (trial->state != TRIAL_GOOD || count->known)
        return true;
    if (!count_key(trial->digest, tune_workload(tune, workload), key, error))
        return false;
    /* The file is only made where it has to run. */
    if (!state_done(tune->state, key, key) && access(trial->path, X_OK) != 0 &&
        !write_layout(tune, trial, error))
        return false;
    double timeout = counted_run_limit(&plain->run);
    if (!count_file(tune, trial->path, trial->digest, workload, timeout, count, error))
        return false;
    const char *difference =
        counted_run_difference(&plain->run, &count->run, tune->request->tolerance.output);
    if (difference) {
        trial->state = TRIAL_DIFFERENT;
        snprintf(trial->reason, sizeof(trial->reason), "%s", difference);
        unlink(trial->path);
    }
    return true;
}

double trial_ratio(const struct tune *tune, const struct layout_trial *trial, size_t first,
                   size_t count, struct count_judgement *judgement)
{
    struct counts before[TUNE_WORKLOADS], after[TUNE_WORKLOADS];
    unsigned weights[TUNE_WORKLOADS];

    for (size_t i = 0; i < count; i++) {
        before[i] = tune->trials[0].runs[first + i].run.counts;
        after[i] = trial->runs[first + i].run.counts;
        weights[i] = tune_workload(tune, first + i)->weight;
    }
    count_judge(before, after, weights, count, judgement);
    return judgement->ratios[COUNT_CYCLES];
}
