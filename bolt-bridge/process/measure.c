#include "bolt-bridge/process/measure.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"

/* The columns of the measurements: A, B, and A for the second time. */
enum column { COLUMN_A, COLUMN_B, COLUMN_AGAIN, COLUMNS };

/* Clocks tick: what took no time that can be told took less than this. */
#define SHORTEST_SECONDS 1e-6

struct run_files {
    char output[PATH_MAX];
    char errors[PATH_MAX];
};

struct session {
    const struct measure_request *request;
    struct measure_report *report;
    struct run_files reference, current;
    struct process_result first; /* how A's first run went */
    bool have_reference;
    double *cpu[COLUMNS], *wall[COLUMNS];
    size_t total_runs;
};

static enum measure_side side_of(enum column column)
{
    return column == COLUMN_B ? MEASURE_B : MEASURE_A;
}

int measure_compare_files(const char *left, const char *right, uint64_t *offset)
{
    static char buffers[2][1 << 16];
    FILE *streams[2] = {fopen(left, "re"), fopen(right, "re")};
    int difference = streams[0] && streams[1] ? 0 : -1;
    size_t sizes[2];

    *offset = 0;
    while (difference == 0) {
        for (int i = 0; i < 2; i++)
            sizes[i] = fread(buffers[i], 1, sizeof(buffers[i]), streams[i]);
        size_t common = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
        size_t same = 0;
        while (same < common && buffers[0][same] == buffers[1][same])
            same++;
        *offset += same;
        if (ferror(streams[0]) || ferror(streams[1]))
            difference = -1;
        else if (same < common || sizes[0] != sizes[1])
            difference = 1;
        if (common < sizeof(buffers[0]))
            break;
    }
    for (int i = 0; i < 2; i++)
        if (streams[i])
            fclose(streams[i]);
    return difference;
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
static bool check_behaviour(struct session *session, enum measure_side side,
                            const struct process_result *result, struct error *error)
{
    const struct measure_request *request = session->request;
    const struct {
        const char *name, *reference, *current;
        bool tolerated;
    } streams[] = {
        {"standard output", session->reference.output, session->current.output,
         request->tolerance.output},
        {"standard error", session->reference.errors, session->current.errors,
         request->tolerance.errors},
    };

    if (!same_ending(&session->first, result)) {
        char now_text[128], first_text[128], tail[512];
        process_describe(result, now_text, sizeof(now_text));
        process_describe(&session->first, first_text, sizeof(first_text));
        process_quote_tail(session->current.errors, 4, tail, sizeof(tail));
        session->report->same = false;
        snprintf(session->report->difference, sizeof(session->report->difference),
                 "%s %s, where %s %s%s%s", request->names[side], now_text,
                 request->names[MEASURE_A], first_text, *tail ? "; it said:" : "", tail);
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        uint64_t offset;
        if (streams[i].tolerated)
            continue;
        int difference = measure_compare_files(streams[i].reference, streams[i].current, &offset);
        if (difference < 0) {
            error_set_errno(error, ERROR_READ, streams[i].current);
            return false;
        }
        if (difference) {
            session->report->same = false;
            describe_difference(session, side, streams[i].name, streams[i].reference,
                                streams[i].current, offset);
            return true;
        }
    }
    return true;
}

/* The first run of A says how all others have to be. */
static bool accept_reference(struct session *session, const struct process_result *result,
                             const struct run_files *files, struct error *error)
{
    session->first = *result;
    session->have_reference = true;
    session->report->exit_status = result->exit_status;
    if (result->signal || result->timed_out) {
        char how[256], tail[1024];
        process_describe(result, how, sizeof(how));
        process_quote_tail(files->errors, 6, tail, sizeof(tail));
        error_set(error, ERROR_WORKLOAD_FAILED, session->request->names[MEASURE_A], "it %s%s%s",
                  how, *tail ? "; it said:" : "", tail);
        return false;
    }
    return true;
}

/* One run of a side.  `cpu` and `wall` get seconds; NULL in warm-up runs. */
static bool run_once(struct session *session, enum measure_side side, double *cpu, double *wall,
                     struct error *error)
{
    const struct measure_request *request = session->request;
    bool is_reference = !session->have_reference;
    const struct run_files *files = is_reference ? &session->reference : &session->current;
    struct process process = {.path = request->paths[side],
                              .arguments = request->arguments[side],
                              .input_file = request->input_file,
                              .output_file = files->output,
                              .error_file = files->errors,
                              .timeout = request->timeout};
    struct process_result result;

    if (!process_run(&process, &result, error))
        return false;
    session->report->runs++;
    if (request->progress)
        request->progress(session->report->runs, session->total_runs);
    if (result.peak_bytes > session->report->peak_bytes[side])
        session->report->peak_bytes[side] = result.peak_bytes;
    if (cpu)
        *cpu = fmax((double)(result.user_nanoseconds + result.system_nanoseconds) / 1e9,
                    SHORTEST_SECONDS);
    if (wall)
        *wall = fmax((double)result.wall_nanoseconds / 1e9, SHORTEST_SECONDS);
    return is_reference ? accept_reference(session, &result, files, error)
                        : check_behaviour(session, side, &result, error);
}

/* The order within a round: every column is as often first, in the middle and last. */
static void order_round(size_t round, bool noise, enum column order[COLUMNS])
{
    static const enum column three[6][COLUMNS] = {
        {COLUMN_A, COLUMN_B, COLUMN_AGAIN}, {COLUMN_AGAIN, COLUMN_B, COLUMN_A},
        {COLUMN_B, COLUMN_A, COLUMN_AGAIN}, {COLUMN_AGAIN, COLUMN_A, COLUMN_B},
        {COLUMN_A, COLUMN_AGAIN, COLUMN_B}, {COLUMN_B, COLUMN_AGAIN, COLUMN_A},
    };
    static const enum column two[2][2] = {{COLUMN_A, COLUMN_B}, {COLUMN_B, COLUMN_A}};

    if (noise)
        memcpy(order, three[round % 6], sizeof(three[0]));
    else
        memcpy(order, two[round % 2], sizeof(two[0]));
}

/* Warm-up runs fill the caches, and show differences before time is spent on measuring. */
static bool run_all(struct session *session, struct error *error)
{
    const struct measure_request *request = session->request;
    static const enum measure_side warm_up[] = {MEASURE_A, MEASURE_A, MEASURE_B};
    size_t columns = request->noise ? COLUMNS : 2;

    session->total_runs = 3 + columns * request->pairs;
    for (size_t i = 0; i < 3 && session->report->same; i++)
        if (!run_once(session, warm_up[i], NULL, NULL, error))
            return false;
    for (size_t round = 0; round < request->pairs; round++) {
        enum column order[COLUMNS];
        order_round(round, request->noise, order);
        for (size_t i = 0; i < columns && session->report->same; i++) {
            enum column column = order[i];
            if (!run_once(session, side_of(column), &session->cpu[column][round],
                          &session->wall[column][round], error))
                return false;
        }
    }
    return true;
}

static void compare_columns(const double *before, const double *after, size_t pairs,
                            struct measure_row *row)
{
    double ratios[PAIRED_MAXIMUM];

    row->has_interval = paired_median_ratio(before, after, pairs, &row->interval);
    if (row->has_interval)
        return;
    for (size_t i = 0; i < pairs; i++)
        ratios[i] = after[i] / before[i];
    row->interval.ratio = median(ratios, pairs);
}

static double median_of(const double *values, size_t count)
{
    double copy[PAIRED_MAXIMUM];
    memcpy(copy, values, count * sizeof(*values));
    return median(copy, count);
}

static void summarise(struct session *session)
{
    struct measure_report *report = session->report;
    size_t pairs = session->request->pairs;
    struct {
        double **columns;
        struct measure_row *rows;
    } quantities[] = {{session->cpu, report->cpu}, {session->wall, report->wall}};

    for (size_t i = 0; i < 2; i++) {
        double **columns = quantities[i].columns;
        struct measure_row *rows = quantities[i].rows;
        rows[MEASURE_A].value = median_of(columns[COLUMN_A], pairs);
        rows[MEASURE_B].value = median_of(columns[COLUMN_B], pairs);
        compare_columns(columns[COLUMN_A], columns[COLUMN_B], pairs, &rows[MEASURE_B]);
        if (session->request->noise)
            compare_columns(columns[COLUMN_A], columns[COLUMN_AGAIN], pairs, &rows[MEASURE_A]);
    }
    if (report->cpu[MEASURE_B].has_interval)
        report->verdict = paired_judge(
            &report->cpu[MEASURE_B].interval,
            report->cpu[MEASURE_A].has_interval ? &report->cpu[MEASURE_A].interval : NULL);
}

bool measure_run(const struct measure_request *request, struct measure_report *report,
                 struct error *error)
{
    struct session session = {.request = request, .report = report};

    memset(report, 0, sizeof(*report));
    report->same = true;
    report->verdict = PAIRED_NO_DIFFERENCE;
    if (!temporary_path("reference.out", session.reference.output, error) ||
        !temporary_path("reference.err", session.reference.errors, error) ||
        !temporary_path("run.out", session.current.output, error) ||
        !temporary_path("run.err", session.current.errors, error))
        return false;
    double *values = calloc(2 * COLUMNS * request->pairs, sizeof(*values));
    if (!values)
        return memory_exhausted(error);
    for (size_t i = 0; i < COLUMNS; i++) {
        session.cpu[i] = values + 2 * i * request->pairs;
        session.wall[i] = values + (2 * i + 1) * request->pairs;
    }
    bool done = run_all(&session, error);
    if (done && report->same)
        summarise(&session);
    free(values);
    return done;
}
