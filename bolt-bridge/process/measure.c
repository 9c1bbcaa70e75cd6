#include "bolt-bridge/process/measure.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/run_times.h"
#include "bolt-bridge/process/temporary.h"

/* Clocks tick: what took no time that can be told took less than this. */
#define SHORTEST_SECONDS 1e-6

/* Of a standard error, how much is shown. */
#define QUOTED_LINES 6

/* A's first run of one workload, which all others are compared with. */
struct reference_run {
    char output[PATH_MAX], errors[PATH_MAX];
    struct process_result result;
    bool is_made;
};

struct measuring {
    const struct measure_request *request;
    struct measure_report *report;
    struct reference_run *references; /* by workload */
    struct run_times *times;          /* by workload */
    double *values;                   /* what the columns of all times are made of */
    char output[PATH_MAX], errors[PATH_MAX], server[PATH_MAX]; /* of the run at hand */
    struct stopping stopping;
    uint64_t started_at;
    struct measure_progress progress;
};

static double seconds_since(uint64_t start)
{
    return (double)(process_clock() - start) / 1e9;
}

/* The line of a file that holds the byte at `offset`, cut and made printable. */
static void quote_line(const char *file, uint64_t offset, char *text, size_t size)
{
    char line[160];
    uint64_t begin = 0, position = 0;
    size_t used = 0;
    int byte;

    FILE *stream = fopen(file, "re");
    while (stream && position < offset && (byte = fgetc(stream)) != EOF) {
        position++;
        if (byte == '\n')
            begin = position;
    }
    if (stream && offset - begin > sizeof(line) / 2)
        begin = offset - sizeof(line) / 2;
    if (stream && fseek(stream, (long)begin, SEEK_SET) == 0) {
        while (used + 1 < sizeof(line) && (byte = fgetc(stream)) != EOF && byte != '\n')
            line[used++] = byte >= ' ' && byte < 127 ? (char)byte : '?';
    }
    if (stream)
        fclose(stream);
    line[used] = '\0';
    snprintf(text, size, "%s", line);
}

static void describe_difference(struct measuring *measuring, enum measure_side side,
                                const char *what, const char *reference, const char *current,
                                uint64_t offset)
{
    const struct measure_request *request = measuring->request;
    char before[160], after[160];

    quote_line(reference, offset, before, sizeof(before));
    quote_line(current, offset, after, sizeof(after));
    measuring->report->same = false;
    measuring->report->differing = side;
    if (side == MEASURE_A)
        snprintf(measuring->report->difference, sizeof(measuring->report->difference),
                 "the %s of %s is not the same from run to run: at byte %llu '%s' became '%s'",
                 what, request->names[side], (unsigned long long)offset, before, after);
    else
        snprintf(measuring->report->difference, sizeof(measuring->report->difference),
                 "the %s of %s is not that of %s: at byte %llu '%s' became '%s'", what,
                 request->names[side], request->names[MEASURE_A], (unsigned long long)offset,
                 before, after);
}

static bool same_ending(const struct process_result *left, const struct process_result *right)
{
    return left->signal == right->signal && left->timed_out == right->timed_out &&
           left->exit_status == right->exit_status;
}

/* Compares the run just made with A's first one. */
static bool check_behaviour(struct measuring *measuring, const struct reference_run *reference,
                            enum measure_side side, const struct process_result *result,
                            struct error *error)
{
    const struct measure_request *request = measuring->request;
    const struct {
        const char *name, *reference, *current;
        bool tolerated;
    } streams[] = {
        {"standard output", reference->output, measuring->output, request->tolerance.output},
        {"standard error", reference->errors, measuring->errors, request->tolerance.errors},
    };

    if (!same_ending(&reference->result, result)) {
        char now_text[128], first_text[128], tail[512];
        process_describe(result, now_text, sizeof(now_text));
        process_describe(&reference->result, first_text, sizeof(first_text));
        process_quote_tail(measuring->errors, 4, tail, sizeof(tail));
        measuring->report->same = false;
        measuring->report->differing = side;
        snprintf(measuring->report->difference, sizeof(measuring->report->difference),
                 "%s %s, where %s %s%s%s", request->names[side], now_text,
                 request->names[MEASURE_A], first_text, *tail ? "; it said:" : "", tail);
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        uint64_t offset;
        bool same;
        if (streams[i].tolerated)
            continue;
        if (!file_compare(streams[i].reference, streams[i].current, &same, &offset, error))
            return false;
        if (!same) {
            describe_difference(measuring, side, streams[i].name, streams[i].reference,
                                streams[i].current, offset);
            return true;
        }
    }
    return true;
}

/* The first run of A says how all others have to be. */
static bool accept_reference(struct measuring *measuring, size_t workload,
                             const struct process_result *result, struct error *error)
{
    struct reference_run *reference = &measuring->references[workload];
    struct measure_figures *figures = &measuring->report->workloads[workload];
    char *tail = figures->last_words;

    reference->result = *result;
    reference->is_made = true;
    figures->exit_status = result->exit_status;
    if (!process_succeeded(result))
        process_quote_tail(reference->errors, QUOTED_LINES, tail, MEASURE_LAST_WORDS);
    if (result->signal || result->timed_out) {
        const char *name = measuring->request->workloads[workload].name;
        char how[256];
        process_describe(result, how, sizeof(how));
        error_set(error, ERROR_WORKLOAD_FAILED, measuring->request->names[MEASURE_A],
                  "%s%sit %s%s%s", name ? name : "", name ? ": " : "", how,
                  *tail ? "; it said:" : "", tail);
        return false;
    }
    return true;
}

static void idle_add(struct measure_figures *figures, const struct process_result *result)
{
    uint64_t busy =
        result->user_nanoseconds + result->system_nanoseconds + result->queued_nanoseconds;

    figures->elapsed += (double)result->wall_nanoseconds / 1e9;
    if (result->wall_nanoseconds > busy)
        figures->idle += (double)(result->wall_nanoseconds - busy) / 1e9;
}

/* One run of a side.  `cpu` and `wall` get seconds; NULL in warm-up runs. */
static bool run_once(struct measuring *measuring, size_t number, enum measure_side side,
                     double *cpu, double *wall, struct error *error)
{
    const struct measure_request *request = measuring->request;
    const struct measure_workload *workload = &request->workloads[number];
    struct reference_run *reference = &measuring->references[number];
    bool is_reference = !reference->is_made;
    const char *output = is_reference ? reference->output : measuring->output;
    const char *errors = is_reference ? reference->errors : measuring->errors;
    struct process process = {.path = request->paths[side],
                              .arguments = workload->arguments[side],
                              .input_file = workload->input_file,
                              .output_file = workload->service ? NULL : output,
                              .error_file = workload->service ? measuring->server : errors,
                              .timeout = workload->service ? 0 : request->timeout};
    struct process_result result;

    if (!(workload->service
              ? service_run(&process, workload->service, output, errors, &result, error)
              : process_run(&process, &result, error)))
        return false;
    measuring->report->runs++;
    if (result.peak_bytes > measuring->report->workloads[number].peak_bytes[side])
        measuring->report->workloads[number].peak_bytes[side] = result.peak_bytes;
    if (cpu)
        *cpu = fmax((double)(result.user_nanoseconds + result.system_nanoseconds) / 1e9,
                    SHORTEST_SECONDS);
    if (wall)
        *wall = fmax((double)result.wall_nanoseconds / 1e9, SHORTEST_SECONDS);
    if (wall && side == MEASURE_A)
        idle_add(&measuring->report->workloads[number], &result);
    return is_reference ? accept_reference(measuring, number, &result, error)
                        : check_behaviour(measuring, reference, side, &result, error);
}

static void show_progress(struct measuring *measuring)
{
    const struct measure_request *request = measuring->request;
    size_t columns = request->side_count + request->noise, pairs = request->stopping.pairs;
    size_t runs = request->side_count + 1 + columns * pairs; /* of each workload */

    if (!request->progress)
        return;
    measuring->progress.runs = measuring->report->runs;
    measuring->progress.all_runs = pairs ? request->workload_count * runs : 0;
    request->progress(&measuring->progress);
}

/* What is told on the way: nobody decides by it, so that it may be looked at after every round. */
static void estimate(struct measuring *measuring)
{
    const struct measure_request *request = measuring->request;
    const struct stopping_rule *rule = &request->stopping;
    struct measure_progress *progress = &measuring->progress;
    size_t pairs = measuring->report->pairs;
    double seconds = seconds_since(measuring->started_at);
    struct paired_interval interval = {.ratio = 0};

    progress->rounds = pairs;
    progress->seconds_left = rule->pairs ? seconds / (double)pairs * (double)(rule->pairs - pairs)
                             : rule->seconds > 0 ? fmax(rule->seconds - seconds, 0)
                                                 : -1;
    if (!request->progress || !measuring->report->same)
        return;
    run_times_ratio(measuring->times, request, pairs, &interval);
    progress->ratio = interval.ratio;
    progress->half_width =
        interval.pairs >= PAIRED_MINIMUM ? (interval.high - interval.low) / 2 : 0;
}

/*
 * The order within a round: the columns begin with another one after every two
 * rounds, and every second round is the one before it backwards, so that over
 * 2 * count rounds each is as often in every place, and before and after each other.
 */
static void order_round(size_t round, const struct measure_request *request,
                        unsigned order[MEASURE_COLUMNS])
{
    unsigned count = (unsigned)request->side_count + request->noise;

    for (unsigned i = 0; i < count; i++) {
        unsigned place = round % 2 ? count - 1 - i : i;
        unsigned column = (unsigned)(i + round / 2) % count;
        order[place] = column < request->side_count ? column : MEASURE_AGAIN;
    }
}

/* Warm-up runs fill the caches, and show differences before time is spent on measuring. */
static bool warm_up(struct measuring *measuring, struct error *error)
{
    const struct measure_request *request = measuring->request;

    for (size_t i = 0; i < request->workload_count; i++) {
        if (!run_once(measuring, i, MEASURE_A, NULL, NULL, error))
            return false;
        for (unsigned side = 0; side < request->side_count && measuring->report->same; side++) {
            if (!run_once(measuring, i, (enum measure_side)side, NULL, NULL, error))
                return false;
            show_progress(measuring);
        }
    }
    return true;
}

static bool run_round(struct measuring *measuring, struct error *error)
{
    const struct measure_request *request = measuring->request;
    size_t pair = measuring->report->pairs, columns = request->side_count + request->noise;
    unsigned order[MEASURE_COLUMNS] = {0};

    order_round(pair, request, order);
    for (size_t i = 0; i < request->workload_count; i++) {
        const struct run_times *times = &measuring->times[i];
        for (size_t place = 0; place < columns && measuring->report->same; place++) {
            unsigned column = order[place];
            if (!run_once(measuring, i, run_times_side(column), &times->cpu[column][pair],
                          &times->wall[column][pair], error))
                return false;
            show_progress(measuring);
        }
    }
    measuring->report->pairs++;
    estimate(measuring);
    return true;
}

static bool run_all(struct measuring *measuring, struct error *error)
{
    const struct stopping_rule *rule = &measuring->request->stopping;
    struct measure_report *report = measuring->report;
    double error_rate;

    if (!warm_up(measuring, error))
        return false;
    measuring->started_at = process_clock();
    while (report->same && report->stopped == STOPPING_NOT_YET) {
        if (!run_round(measuring, error))
            return false;
        double seconds = seconds_since(measuring->started_at);
        if (report->same &&
            stopping_look(&measuring->stopping, rule, report->pairs, seconds, &error_rate)) {
            bool narrow = run_times_judge(measuring->times, measuring->request, error_rate, report);
            report->stopped =
                stopping_decide(&measuring->stopping, rule, report->pairs, seconds, narrow);
        }
    }
    if (!report->same)
        return true;
    run_times_sum_up(measuring->times, measuring->request, report);
    if (measuring->request->pairs)
        run_times_pairs(measuring->times, measuring->request, report->pairs,
                        measuring->request->pairs);
    return true;
}

/* How many pairs there may be. */
static size_t most_pairs(const struct measure_request *request)
{
    return request->stopping.pairs ? request->stopping.pairs : PAIRED_MAXIMUM;
}

static bool prepare(struct measuring *measuring, struct error *error)
{
    size_t workloads = measuring->request->workload_count, most = most_pairs(measuring->request);

    if (!temporary_path("run.out", measuring->output, error) ||
        !temporary_path("run.err", measuring->errors, error) ||
        !temporary_path("server.err", measuring->server, error))
        return false;
    for (size_t i = 0; i < workloads; i++) {
        struct reference_run *reference = &measuring->references[i];
        struct run_times *times = &measuring->times[i];
        char name[64];
        snprintf(name, sizeof(name), "reference-%zu.out", i);
        if (!temporary_path(name, reference->output, error))
            return false;
        snprintf(name, sizeof(name), "reference-%zu.err", i);
        if (!temporary_path(name, reference->errors, error))
            return false;
        for (size_t column = 0; column < MEASURE_COLUMNS; column++) {
            times->cpu[column] = measuring->values + (i * MEASURE_COLUMNS + column) * 2 * most;
            times->wall[column] = times->cpu[column] + most;
        }
    }
    return true;
}

bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error)
{
    size_t workloads = request->workload_count;

    assert(request->side_count > MEASURE_B && request->side_count <= MEASURE_SIDES);
    assert(workloads > 0 && workloads <= MEASURE_WORKLOADS);
    assert(request->stopping.pairs <= PAIRED_MAXIMUM);
    struct measuring measuring = {
        .request = request,
        .report = report,
        .references = calloc(workloads, sizeof(*measuring.references)),
        .times = calloc(workloads, sizeof(*measuring.times)),
        .progress = {.seconds_left = -1},
        .values = calloc(workloads * 2 * MEASURE_COLUMNS * most_pairs(request),
                         sizeof(*measuring.values)),
    };

    memset(report, 0, sizeof(*report));
    report->same = true;
    bool done = measuring.references && measuring.times && measuring.values
                    ? prepare(&measuring, error) && run_all(&measuring, error)
                    : memory_exhausted(error);
    free(measuring.values);
    free(measuring.times);
    free(measuring.references);
    return done;
}
