#include "bolt-bridge/process/measure.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"

/* The columns of the measurements: the sides, and A for the second time. */
enum { COLUMN_AGAIN = MEASURE_SIDES, COLUMNS };

/* Clocks tick: what took no time that can be told took less than this. */
#define SHORTEST_SECONDS 1e-6

/* Of a standard error, how much is shown. */
#define QUOTED_LINES 6

/* The runs of one workload. */
struct series {
    char reference_output[PATH_MAX], reference_errors[PATH_MAX];
    struct process_result first; /* how A's first run went */
    bool have_reference;
    double *cpu[COLUMNS], *wall[COLUMNS]; /* by pair */
};

struct session {
    const struct measure_request *request;
    struct measure_report *report;
    struct series *series; /* by workload */
    double *values;        /* what the columns of all series are made of */
    char output[PATH_MAX], errors[PATH_MAX], server[PATH_MAX]; /* of the run at hand */
    struct stopping stopping;
    uint64_t started_at;
};

static enum measure_side side_of(unsigned column)
{
    return column == COLUMN_AGAIN ? MEASURE_A : (enum measure_side)column;
}

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

static void describe_difference(struct session *session, enum measure_side side, const char *what,
                                const char *reference, const char *current, uint64_t offset)
{
    const struct measure_request *request = session->request;
    char before[160], after[160];

    quote_line(reference, offset, before, sizeof(before));
    quote_line(current, offset, after, sizeof(after));
    session->report->same = false;
    session->report->differing = side;
    if (side == MEASURE_A)
        snprintf(session->report->difference, sizeof(session->report->difference),
                 "the %s of %s is not the same from run to run: at byte %llu '%s' became '%s'",
                 what, request->names[side], (unsigned long long)offset, before, after);
    else
        snprintf(session->report->difference, sizeof(session->report->difference),
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
static bool check_behaviour(struct session *session, const struct series *series,
                            enum measure_side side, const struct process_result *result,
                            struct error *error)
{
    const struct measure_request *request = session->request;
    const struct {
        const char *name, *reference, *current;
        bool tolerated;
    } streams[] = {
        {"standard output", series->reference_output, session->output, request->tolerance.output},
        {"standard error", series->reference_errors, session->errors, request->tolerance.errors},
    };

    if (!same_ending(&series->first, result)) {
        char now_text[128], first_text[128], tail[512];
        process_describe(result, now_text, sizeof(now_text));
        process_describe(&series->first, first_text, sizeof(first_text));
        process_quote_tail(session->errors, 4, tail, sizeof(tail));
        session->report->same = false;
        session->report->differing = side;
        snprintf(session->report->difference, sizeof(session->report->difference),
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
            describe_difference(session, side, streams[i].name, streams[i].reference,
                                streams[i].current, offset);
            return true;
        }
    }
    return true;
}

/* The first run of A says how all others have to be. */
static bool accept_reference(struct session *session, size_t workload,
                             const struct process_result *result, struct error *error)
{
    struct series *series = &session->series[workload];
    struct measure_figures *figures = &session->report->workloads[workload];
    char *tail = figures->last_words;

    series->first = *result;
    series->have_reference = true;
    figures->exit_status = result->exit_status;
    if (!process_succeeded(result))
        process_quote_tail(series->reference_errors, QUOTED_LINES, tail, MEASURE_LAST_WORDS);
    if (result->signal || result->timed_out) {
        const char *name = session->request->workloads[workload].name;
        char how[256];
        process_describe(result, how, sizeof(how));
        error_set(error, ERROR_WORKLOAD_FAILED, session->request->names[MEASURE_A], "%s%sit %s%s%s",
                  name ? name : "", name ? ": " : "", how, *tail ? "; it said:" : "", tail);
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
static bool run_once(struct session *session, size_t number, enum measure_side side, double *cpu,
                     double *wall, struct error *error)
{
    const struct measure_request *request = session->request;
    const struct measure_workload *workload = &request->workloads[number];
    struct series *series = &session->series[number];
    bool is_reference = !series->have_reference;
    const char *output = is_reference ? series->reference_output : session->output;
    const char *errors = is_reference ? series->reference_errors : session->errors;
    struct process process = {.path = request->paths[side],
                              .arguments = workload->arguments[side],
                              .input_file = workload->input_file,
                              .output_file = workload->service ? NULL : output,
                              .error_file = workload->service ? session->server : errors,
                              .timeout = workload->service ? 0 : request->timeout};
    struct process_result result;

    if (!(workload->service
              ? service_run(&process, workload->service, output, errors, &result, error)
              : process_run(&process, &result, error)))
        return false;
    session->report->runs++;
    if (result.peak_bytes > session->report->workloads[number].peak_bytes[side])
        session->report->workloads[number].peak_bytes[side] = result.peak_bytes;
    if (cpu)
        *cpu = fmax((double)(result.user_nanoseconds + result.system_nanoseconds) / 1e9,
                    SHORTEST_SECONDS);
    if (wall)
        *wall = fmax((double)result.wall_nanoseconds / 1e9, SHORTEST_SECONDS);
    if (wall && side == MEASURE_A)
        idle_add(&session->report->workloads[number], &result);
    return is_reference ? accept_reference(session, number, &result, error)
                        : check_behaviour(session, series, side, &result, error);
}

static void show_progress(const struct session *session)
{
    const struct measure_request *request = session->request;
    size_t columns = request->side_count + request->noise, pairs = request->stopping.pairs;
    size_t runs = request->side_count + 1 + columns * pairs; /* of each workload */

    if (request->progress)
        request->progress(session->report->runs, pairs ? request->workload_count * runs : 0);
}

/*
 * The order within a round: the columns begin with another one after every two
 * rounds, and every second round is the one before it backwards, so that over
 * 2 * count rounds each is as often in every place, and before and after each other.
 */
static void order_round(size_t round, const struct measure_request *request,
                        unsigned order[COLUMNS])
{
    unsigned count = (unsigned)request->side_count + request->noise;

    for (unsigned i = 0; i < count; i++) {
        unsigned place = round % 2 ? count - 1 - i : i;
        unsigned column = (unsigned)(i + round / 2) % count;
        order[place] = column < request->side_count ? column : COLUMN_AGAIN;
    }
}

/* Warm-up runs fill the caches, and show differences before time is spent on measuring. */
static bool warm_up(struct session *session, struct error *error)
{
    const struct measure_request *request = session->request;

    for (size_t i = 0; i < request->workload_count; i++) {
        if (!run_once(session, i, MEASURE_A, NULL, NULL, error))
            return false;
        for (unsigned side = 0; side < request->side_count && session->report->same; side++) {
            if (!run_once(session, i, (enum measure_side)side, NULL, NULL, error))
                return false;
            show_progress(session);
        }
    }
    return true;
}

static bool run_round(struct session *session, struct error *error)
{
    const struct measure_request *request = session->request;
    size_t pair = session->report->pairs, columns = request->side_count + request->noise;
    unsigned order[COLUMNS] = {0};

    order_round(pair, request, order);
    for (size_t i = 0; i < request->workload_count; i++) {
        const struct series *series = &session->series[i];
        for (size_t place = 0; place < columns && session->report->same; place++) {
            unsigned column = order[place];
            if (!run_once(session, i, side_of(column), &series->cpu[column][pair],
                          &series->wall[column][pair], error))
                return false;
            show_progress(session);
        }
    }
    session->report->pairs++;
    return true;
}

/* The weighted geometric mean of a column's ratios to another, over all workloads. */
static void relate_all(const struct session *session, bool wall, unsigned before, unsigned after,
                       double error_rate, struct measure_row *row)
{
    const struct measure_request *request = session->request;
    double together[PAIRED_MAXIMUM] = {0}, weights = 0;
    size_t pairs = session->report->pairs;

    for (size_t i = 0; i < request->workload_count; i++)
        weights += request->workloads[i].weight;
    for (size_t i = 0; i < request->workload_count; i++) {
        const struct series *series = &session->series[i];
        double *const *columns = wall ? series->wall : series->cpu;
        for (size_t pair = 0; pair < pairs; pair++)
            together[pair] += log(columns[after][pair] / columns[before][pair]) *
                              request->workloads[i].weight / weights;
    }
    row->has_interval = paired_ratio_of_logarithms(together, pairs, error_rate, &row->interval);
}

/* What a column says about A's, by workload and of all. */
static void relate(const struct session *session, unsigned column, double error_rate)
{
    struct measure_report *report = session->report;
    size_t side = side_of(column), pairs = report->pairs;

    for (size_t i = 0; i < session->request->workload_count; i++) {
        const struct series *series = &session->series[i];
        struct measure_row *cpu = &report->workloads[i].cpu[side];
        struct measure_row *wall = &report->workloads[i].wall[side];
        cpu->has_interval = paired_ratio(series->cpu[MEASURE_A], series->cpu[column], pairs,
                                         error_rate, &cpu->interval);
        wall->has_interval = paired_ratio(series->wall[MEASURE_A], series->wall[column], pairs,
                                          error_rate, &wall->interval);
    }
    relate_all(session, false, MEASURE_A, column, error_rate, &report->all.cpu[side]);
    relate_all(session, true, MEASURE_A, column, error_rate, &report->all.wall[side]);
}

static void judge_row(struct measure_row *row, const struct measure_row *noise)
{
    const struct paired_interval *compared =
        row != noise && noise->has_interval ? &noise->interval : NULL;

    row->verdict =
        row->has_interval ? paired_judge(&row->interval, compared) : PAIRED_NO_DIFFERENCE;
    row->below_noise = row->has_interval && paired_is_below_noise(&row->interval, compared);
}

static void judge(struct measure_row rows[MEASURE_SIDES], size_t side_count)
{
    for (size_t side = 0; side < side_count; side++)
        judge_row(&rows[side], &rows[MEASURE_A]);
}

/* Makes all intervals.  Returns whether those that the verdict rests on are narrow enough. */
static bool look(struct session *session, double error_rate)
{
    const struct measure_request *request = session->request;
    struct measure_report *report = session->report;
    const struct measure_row *noise = &report->all.cpu[MEASURE_A];
    bool narrow = true;

    for (unsigned column = 0; column < COLUMNS; column++) {
        if (column == COLUMN_AGAIN ? request->noise
                                   : column != MEASURE_A && column < request->side_count)
            relate(session, column, error_rate);
    }
    if (request->side_count > MEASURE_C)
        relate_all(session, false, MEASURE_B, MEASURE_C, error_rate, &report->step);
    for (size_t side = MEASURE_B; side < request->side_count; side++)
        narrow = narrow && report->all.cpu[side].has_interval &&
                 stopping_is_narrow(&request->stopping, &report->all.cpu[side].interval,
                                    noise->has_interval ? &noise->interval : NULL);
    for (size_t i = 0; i < request->workload_count; i++) {
        judge(report->workloads[i].cpu, request->side_count);
        judge(report->workloads[i].wall, request->side_count);
    }
    judge(report->all.cpu, request->side_count);
    judge(report->all.wall, request->side_count);
    judge_row(&report->step, noise);
    return narrow;
}

static double median_of(const double *values, size_t count)
{
    double copy[PAIRED_MAXIMUM];
    memcpy(copy, values, count * sizeof(*values));
    return median(copy, count);
}

/* The figures that are no ratios. */
static void sum_up(struct session *session)
{
    struct measure_report *report = session->report;
    struct measure_figures *all = &report->all;
    double runs = (double)report->pairs * (session->request->noise ? 2 : 1);

    for (size_t i = 0; i < session->request->workload_count; i++) {
        struct measure_figures *one = &report->workloads[i];
        for (size_t side = 0; side < session->request->side_count; side++) {
            one->cpu[side].value = median_of(session->series[i].cpu[side], report->pairs);
            one->wall[side].value = median_of(session->series[i].wall[side], report->pairs);
            all->cpu[side].value += one->cpu[side].value;
            all->wall[side].value += one->wall[side].value;
            if (one->peak_bytes[side] > all->peak_bytes[side])
                all->peak_bytes[side] = one->peak_bytes[side];
        }
        one->elapsed /= runs;
        one->idle /= runs;
        all->elapsed += one->elapsed;
        all->idle += one->idle;
        if (one->exit_status) {
            all->exit_status = one->exit_status;
            memcpy(all->last_words, one->last_words, sizeof(all->last_words));
        }
    }
}

static bool run_all(struct session *session, struct error *error)
{
    const struct stopping_rule *rule = &session->request->stopping;
    struct measure_report *report = session->report;
    double error_rate;

    if (!warm_up(session, error))
        return false;
    session->started_at = process_clock();
    while (report->same && report->stopped == STOPPING_NOT_YET) {
        if (!run_round(session, error))
            return false;
        double seconds = seconds_since(session->started_at);
        if (report->same &&
            stopping_look(&session->stopping, rule, report->pairs, seconds, &error_rate)) {
            bool narrow = look(session, error_rate);
            report->stopped =
                stopping_decide(&session->stopping, rule, report->pairs, seconds, narrow);
        }
    }
    if (report->same)
        sum_up(session);
    return true;
}

/* How many pairs there may be. */
static size_t most_pairs(const struct measure_request *request)
{
    return request->stopping.pairs ? request->stopping.pairs : PAIRED_MAXIMUM;
}

static bool prepare(struct session *session, struct error *error)
{
    size_t workloads = session->request->workload_count, most = most_pairs(session->request);

    if (!temporary_path("run.out", session->output, error) ||
        !temporary_path("run.err", session->errors, error) ||
        !temporary_path("server.err", session->server, error))
        return false;
    for (size_t i = 0; i < workloads; i++) {
        struct series *series = &session->series[i];
        char name[64];
        snprintf(name, sizeof(name), "reference-%zu.out", i);
        if (!temporary_path(name, series->reference_output, error))
            return false;
        snprintf(name, sizeof(name), "reference-%zu.err", i);
        if (!temporary_path(name, series->reference_errors, error))
            return false;
        for (size_t column = 0; column < COLUMNS; column++) {
            series->cpu[column] = session->values + (i * COLUMNS + column) * 2 * most;
            series->wall[column] = series->cpu[column] + most;
        }
    }
    return true;
}

bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error)
{
    size_t workloads = request->workload_count;
    struct series *series = calloc(workloads, sizeof(*series));
    double *values = calloc(workloads * 2 * COLUMNS * most_pairs(request), sizeof(*values));
    struct session session = {
        .request = request, .report = report, .series = series, .values = values};

    memset(report, 0, sizeof(*report));
    report->same = true;
    bool done = series && values ? prepare(&session, error) && run_all(&session, error)
                                 : memory_exhausted(error);
    free(values);
    free(series);
    return done;
}
