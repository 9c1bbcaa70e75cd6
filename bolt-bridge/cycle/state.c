#include "bolt-bridge/cycle/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/output.h"
#include "analyzer/write/json_parts.h"

/* Of the state file and of what is kept in it: another one is not understood. */
#define STATE_VERSION 1

struct state {
    char path[PATH_MAX];
    int lock; /* the directory; -1 where nothing is kept */
    json_t *root;
};

static void print_digest(const uint8_t digest[16], char text[STATE_KEY_SIZE])
{
    for (size_t i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

void state_key_begin(struct state_key *key)
{
    *key = (struct state_key){0};
    key->stream = open_memstream(&key->text, &key->size);
    if (!key->stream)
        key->failed = !memory_exhausted(&key->error);
}

/* With its length before it, so that no two lists of texts look the same. */
void state_key_text(struct state_key *key, const char *text)
{
    if (!key->failed)
        fprintf(key->stream, "%zd:%s;", text ? (ssize_t)strlen(text) : -1, text ? text : "");
}

void state_key_number(struct state_key *key, double number)
{
    if (!key->failed)
        fprintf(key->stream, "%.17g;", number);
}

void state_key_words(struct state_key *key, char *const *words)
{
    for (; words && *words; words++)
        state_key_text(key, *words);
    state_key_text(key, NULL);
}

void state_key_file(struct state_key *key, const char *path)
{
    char text[STATE_KEY_SIZE];
    uint8_t digest[16];
    struct stat status;

    if (key->failed)
        return;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        state_key_text(key, path); /* /dev/null and its like */
    } else if (file_digest(path, digest, &key->error)) {
        print_digest(digest, text);
        state_key_text(key, text);
    } else {
        key->failed = true;
    }
}

bool state_key_finish(struct state_key *key, char digest[STATE_KEY_SIZE], struct error *error)
{
    uint8_t bytes[16];

    if (key->stream && fclose(key->stream) != 0 && !key->failed)
        key->failed = !memory_exhausted(&key->error);
    if (key->failed) {
        *error = key->error;
    } else {
        md5_of(key->text, key->size, bytes);
        print_digest(bytes, digest);
    }
    free(key->text);
    return !key->failed;
}

struct state *state_open(const char *directory, const char *name, struct error *error)
{
    struct state *state = calloc(1, sizeof(*state));

    if (!state) {
        memory_exhausted(error);
        return NULL;
    }
    state->lock = -1;
    if (directory) {
        state->lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (state->lock < 0 || flock(state->lock, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                error_set(error, ERROR_IN_USE, directory, "another cycle works in it");
            else
                error_set_errno(error, ERROR_OPEN, directory);
            state_free(state);
            return NULL;
        }
        if (!file_path(state->path, error, "%s/%s", directory, name)) {
            state_free(state);
            return NULL;
        }
        state->root = json_load_file(state->path, 0, NULL);
        if (json_integer_value(json_object_get(state->root, "version")) != STATE_VERSION) {
            json_decref(state->root);
            state->root = NULL;
        }
    }
    if (!state->root)
        state->root = json_pack("{s:i, s:{}}", "version", STATE_VERSION, "stages");
    if (state->root)
        return state;
    memory_exhausted(error);
    state_free(state);
    return NULL;
}

void state_free(struct state *state)
{
    if (!state)
        return;
    if (state->lock >= 0) {
        flock(state->lock, LOCK_UN); /* a child that has not come to its exec holds it too */
        close(state->lock);
    }
    json_decref(state->root);
    free(state);
}

const json_t *state_done(const struct state *state, const char *stage, const char *key)
{
    const json_t *kept = json_object_get(json_object_get(state->root, "stages"), stage);
    const char *kept_key = json_string_value(json_object_get(kept, "key"));

    return kept_key && strcmp(kept_key, key) == 0 ? json_object_get(kept, "result") : NULL;
}

static bool write_state(FILE *stream, void *text, struct error *error)
{
    (void)error;
    fputs(text, stream);
    return true;
}

bool state_keep(struct state *state, const char *stage, const char *key, json_t *result,
                struct error *error)
{
    json_t *kept = result ? json_pack("{s:s, s:o}", "key", key, "result", result) : NULL;

    if (!kept || json_object_set_new(json_object_get(state->root, "stages"), stage, kept) != 0)
        return memory_exhausted(error);
    if (state->lock < 0)
        return true;
    char *text = json_dumps(state->root, JSON_INDENT(1));
    bool done = text ? output_write_file(state->path, true, write_state, text, error)
                     : memory_exhausted(error);
    free(text);
    return done;
}

static json_t *pack_row(const struct measure_row *row)
{
    return json_pack("[f, b, f, f, f, f, I, i, b]", row->value, row->has_interval,
                     row->interval.ratio, row->interval.low, row->interval.high,
                     row->interval.confidence, (json_int_t)row->interval.pairs, (int)row->verdict,
                     row->below_noise);
}

static bool unpack_row(json_t *array, struct measure_row *row)
{
    int has_interval, verdict, below_noise;
    json_int_t pairs;

    if (json_unpack(array, "[F, b, F, F, F, F, I, i, b]", &row->value, &has_interval,
                    &row->interval.ratio, &row->interval.low, &row->interval.high,
                    &row->interval.confidence, &pairs, &verdict, &below_noise) != 0)
        return false;
    row->has_interval = has_interval != 0;
    row->verdict = (enum paired_verdict)verdict;
    row->below_noise = below_noise != 0;
    row->interval.pairs = (size_t)pairs;
    return verdict >= PAIRED_NO_DIFFERENCE && verdict <= PAIRED_SLOWER;
}

static json_t *pack_figures(const struct measure_figures *figures)
{
    json_t *sides = json_array();

    for (size_t side = 0; side < MEASURE_SIDES; side++)
        json_array_append_new(sides, json_pack("[o, o, I]", pack_row(&figures->cpu[side]),
                                               pack_row(&figures->wall[side]),
                                               (json_int_t)figures->peak_bytes[side]));
    return json_pack("{s:o, s:f, s:f, s:i, s:o}", "sides", sides, "elapsed", figures->elapsed,
                     "idle", figures->idle, "exit_status", figures->exit_status, "last_words",
                     json_text(figures->last_words));
}

static bool unpack_figures(json_t *object, struct measure_figures *figures)
{
    json_t *sides, *cpu, *wall;
    const char *last_words;
    json_int_t peak;

    if (json_unpack(object, "{s:o, s:F, s:F, s:i, s:s}", "sides", &sides, "elapsed",
                    &figures->elapsed, "idle", &figures->idle, "exit_status", &figures->exit_status,
                    "last_words", &last_words) != 0)
        return false;
    snprintf(figures->last_words, sizeof(figures->last_words), "%s", last_words);
    for (size_t side = 0; side < MEASURE_SIDES; side++) {
        if (json_unpack(json_array_get(sides, side), "[o, o, I]", &cpu, &wall, &peak) != 0 ||
            !unpack_row(cpu, &figures->cpu[side]) || !unpack_row(wall, &figures->wall[side]))
            return false;
        figures->peak_bytes[side] = (uint64_t)peak;
    }
    return true;
}

json_t *state_pack_report(const struct measure_report *report, size_t workload_count)
{
    json_t *workloads = json_array();

    for (size_t i = 0; i < workload_count; i++)
        json_array_append_new(workloads, pack_figures(&report->workloads[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:I, s:I, s:i, s:b, s:o, s:i}", "all", pack_figures(&report->all),
        "workloads", workloads, "step", pack_row(&report->step), "pairs", (json_int_t)report->pairs,
        "runs", (json_int_t)report->runs, "stopped", (int)report->stopped, "same", report->same,
        "difference", json_text(report->difference), "differing", (int)report->differing);
}

bool state_unpack_report(const json_t *object, struct measure_report *report)
{
    json_t *all, *workloads, *step;
    json_int_t pairs, runs;
    int stopped, same, differing;
    const char *difference;

    memset(report, 0, sizeof(*report));
    if (json_unpack((json_t *)object, "{s:o, s:o, s:o, s:I, s:I, s:i, s:b, s:s, s:i}", "all", &all,
                    "workloads", &workloads, "step", &step, "pairs", &pairs, "runs", &runs,
                    "stopped", &stopped, "same", &same, "difference", &difference, "differing",
                    &differing) != 0 ||
        !unpack_figures(all, &report->all) || !unpack_row(step, &report->step) ||
        json_array_size(workloads) > MEASURE_WORKLOADS || stopped < STOPPING_NOT_YET ||
        stopped > STOPPING_MOST || differing < MEASURE_A || differing >= MEASURE_SIDES)
        return false;
    for (size_t i = 0; i < json_array_size(workloads); i++)
        if (!unpack_figures(json_array_get(workloads, i), &report->workloads[i]))
            return false;
    report->pairs = (size_t)pairs;
    report->runs = (size_t)runs;
    report->stopped = (enum stopping_reason)stopped;
    report->same = same != 0;
    report->differing = (enum measure_side)differing;
    snprintf(report->difference, sizeof(report->difference), "%s", difference);
    return true;
}

void state_pack_pairs(json_t *object, const struct measure_pairs *pairs)
{
    json_t *sides = json_array();

    for (size_t side = 0; side < MEASURE_SIDES; side++) {
        json_t *ratios = json_array();
        for (size_t i = 0; i < pairs->count; i++)
            json_array_append_new(ratios, json_real(pairs->ratios[side][i]));
        json_array_append_new(sides, ratios);
    }
    json_object_set_new(object, "ratios", sides);
}

bool state_unpack_pairs(const json_t *object, struct measure_pairs *pairs)
{
    const json_t *sides = json_object_get(object, "ratios");

    pairs->count = json_array_size(json_array_get(sides, 0));
    if (json_array_size(sides) != MEASURE_SIDES || pairs->count > PAIRED_MAXIMUM)
        return false;
    for (size_t side = 0; side < MEASURE_SIDES; side++) {
        const json_t *ratios = json_array_get(sides, side);
        if (json_array_size(ratios) != pairs->count)
            return false;
        for (size_t i = 0; i < pairs->count; i++)
            pairs->ratios[side][i] = json_real_value(json_array_get(ratios, i));
    }
    return true;
}

static json_t *pack_one(const struct counts *counts)
{
    json_t *list = json_array();

    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        json_array_append_new(list, json_integer((json_int_t)counts->values[kind]));
    return list;
}

static bool unpack_one(const json_t *list, struct counts *counts)
{
    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        counts->values[kind] = (uint64_t)json_integer_value(json_array_get(list, kind));
    return json_array_size(list) == COUNT_KINDS;
}

json_t *state_pack_counts(const struct count_comparison *comparison)
{
    json_t *list = json_array();

    for (size_t i = 0; i < comparison->count; i++)
        json_array_append_new(list, json_pack("[o, o]", pack_one(&comparison->pairs[i].before),
                                              pack_one(&comparison->pairs[i].after)));
    return json_pack("{s:i, s:o}", "source", (int)comparison->source, "pairs", list);
}

bool state_unpack_counts(const json_t *object, const struct measure_request *request,
                         struct count_comparison *comparison)
{
    json_t *list, *before, *after;
    int source;

    if (json_unpack((json_t *)object, "{s:i, s:o}", "source", &source, "pairs", &list) != 0 ||
        source <= COUNTS_BY_WHAT_THERE_IS || source >= COUNT_SOURCES ||
        json_array_size(list) != request->workload_count)
        return false;
    *comparison = (struct count_comparison){.source = (enum count_source)source,
                                            .count = request->workload_count};
    for (size_t i = 0; i < comparison->count; i++)
        if (json_unpack(json_array_get(list, i), "[o, o]", &before, &after) != 0 ||
            !unpack_one(before, &comparison->pairs[i].before) ||
            !unpack_one(after, &comparison->pairs[i].after))
            return false;
    count_compare(request, comparison);
    return true;
}
