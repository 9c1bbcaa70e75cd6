#include "bolt-bridge/process/run_times.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A program that works less than this share of its time waits for something. */
#define WORKING_SHARE 0.5
/* And one that waits less than this, a run, was only started. */
#define WAITING_SECONDS 0.02

struct judging {
    const struct run_times *times;
    const struct measure_request *request;
    struct measure_report *report;
    double error_rate;
};

enum measure_side run_times_side(unsigned column)
{
    return column == MEASURE_AGAIN ? MEASURE_A : (enum measure_side)column;
}

/* Of each pair, the logarithm of the weighted geometric mean of a column's ratios to another. */
static void combine(const struct run_times *times, const struct measure_request *request, bool wall,
                    unsigned before, unsigned after, size_t pairs, double *logarithms)
{
    double weights = 0;

    assert(pairs <= PAIRED_MAXIMUM);
    for (size_t i = 0; i < request->workload_count; i++)
        weights += request->workloads[i].weight;
    memset(logarithms, 0, pairs * sizeof(*logarithms));
    for (size_t i = 0; i < request->workload_count; i++) {
        double *const *columns = wall ? times[i].wall : times[i].cpu;
        for (size_t pair = 0; pair < pairs; pair++)
            logarithms[pair] += log(columns[after][pair] / columns[before][pair]) *
                                request->workloads[i].weight / weights;
    }
}

/* What these say of all workloads together. */
static void relate_all(const struct judging *judging, bool wall, unsigned before, unsigned after,
                       struct measure_row *row)
{
    double together[PAIRED_MAXIMUM];
    size_t pairs = judging->report->pairs;

    combine(judging->times, judging->request, wall, before, after, pairs, together);
    row->has_interval =
        paired_ratio_of_logarithms(together, pairs, judging->error_rate, &row->interval);
}

/* What a column says about A's, by workload and of all. */
static void relate(const struct judging *judging, unsigned column)
{
    struct measure_report *report = judging->report;
    double error_rate = judging->error_rate;
    size_t side = run_times_side(column), pairs = report->pairs;

    for (size_t i = 0; i < judging->request->workload_count; i++) {
        const struct run_times *times = &judging->times[i];
        struct measure_row *cpu = &report->workloads[i].cpu[side];
        struct measure_row *wall = &report->workloads[i].wall[side];
        cpu->has_interval = paired_ratio(times->cpu[MEASURE_A], times->cpu[column], pairs,
                                         error_rate, &cpu->interval);
        wall->has_interval = paired_ratio(times->wall[MEASURE_A], times->wall[column], pairs,
                                          error_rate, &wall->interval);
    }
    relate_all(judging, false, MEASURE_A, column, &report->all.cpu[side]);
    relate_all(judging, true, MEASURE_A, column, &report->all.wall[side]);
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

bool run_times_judge(const struct run_times *times, const struct measure_request *request,
                     double error_rate, struct measure_report *report)
{
    const struct judging judging = {times, request, report, error_rate};
    const struct measure_row *noise = &report->all.cpu[MEASURE_A];
    bool narrow = true;

    for (unsigned column = 0; column < MEASURE_COLUMNS; column++) {
        if (column == MEASURE_AGAIN ? request->noise
                                    : column != MEASURE_A && column < request->side_count)
            relate(&judging, column);
    }
    if (request->side_count > MEASURE_C)
        relate_all(&judging, false, MEASURE_B, MEASURE_C, &report->step);
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

    assert(count <= PAIRED_MAXIMUM);
    memcpy(copy, values, count * sizeof(*values));
    return median(copy, count);
}

void run_times_sum_up(const struct run_times *times, const struct measure_request *request,
                      struct measure_report *report)
{
    struct measure_figures *all = &report->all;
    double runs = (double)report->pairs * (request->noise ? 2 : 1);

    for (size_t i = 0; i < request->workload_count; i++) {
        struct measure_figures *one = &report->workloads[i];
        for (size_t side = 0; side < request->side_count; side++) {
            one->cpu[side].value = median_of(times[i].cpu[side], report->pairs);
            one->wall[side].value = median_of(times[i].wall[side], report->pairs);
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

void run_times_pairs(const struct run_times *times, const struct measure_request *request,
                     size_t count, struct measure_pairs *pairs)
{
    pairs->count = count;
    for (unsigned column = MEASURE_B; column < MEASURE_COLUMNS; column++) {
        double *ratios = pairs->ratios[run_times_side(column)];
        if (column == MEASURE_AGAIN ? !request->noise : column >= request->side_count)
            continue;
        combine(times, request, false, MEASURE_A, column, count, ratios);
        for (size_t i = 0; i < count; i++)
            ratios[i] = exp(ratios[i]);
    }
}

bool run_times_accept(const struct measure_report *report, bool require_faster, double tolerate)
{
    const struct measure_row *row = &report->all.cpu[MEASURE_B];

    if (!report->same)
        return false;
    if (require_faster)
        return row->verdict == PAIRED_FASTER;
    return row->verdict != PAIRED_SLOWER || row->interval.low <= 1 + tolerate;
}

bool run_times_mostly_idle(double elapsed, double idle)
{
    return idle > WAITING_SECONDS && idle > (1 - WORKING_SHARE) * elapsed;
}

void run_times_ratio(const struct run_times *times, const struct measure_request *request,
                     size_t pairs, struct paired_interval *interval)
{
    double logarithms[PAIRED_MAXIMUM];

    combine(times, request, false, MEASURE_A, MEASURE_B, pairs, logarithms);
    *interval = (struct paired_interval){.ratio = 0};
    paired_ratio_of_logarithms(logarithms, pairs, 1 - PAIRED_CONFIDENCE, interval);
}
