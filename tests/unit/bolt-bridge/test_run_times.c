/*
 * What compare and cycle decide, on times that were recorded: no test of a decision rests
 * on how fast or how busy a machine is.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/process/run_times.h"
#include "bolt-bridge/report/table.h"

#define PAIRS 6
#define ERROR_RATE 0.05

/* Seconds of six rounds: of A, of B, of C, and of A for the second time. */
struct recorded {
    double a[PAIRS], b[PAIRS], c[PAIRS], again[PAIRS];
};

/* An idle machine. */
static struct recorded quiet = {
    .a = {0.0302, 0.0299, 0.0301, 0.0300, 0.0303, 0.0298},
    .b = {0.0611, 0.0602, 0.0607, 0.0599, 0.0604, 0.0606},
    .c = {0.0151, 0.0149, 0.0150, 0.0150, 0.0152, 0.0148},
    .again = {0.0300, 0.0301, 0.0299, 0.0302, 0.0298, 0.0303},
};

/* Two processors beside eight busy processes: A itself takes up to twice its time. */
static struct recorded busy = {
    .a = {0.0302, 0.0588, 0.0341, 0.0300, 0.0496, 0.0313},
    .b = {0.0611, 0.0702, 0.1207, 0.0599, 0.0904, 0.0606},
    .c = {0.0151, 0.0349, 0.0170, 0.0150, 0.0252, 0.0158},
    .again = {0.0600, 0.0301, 0.0315, 0.0588, 0.0310, 0.0303},
};

static void point_to(struct recorded *recorded, struct run_times *times)
{
    double *const columns[MEASURE_COLUMNS] = {recorded->a, recorded->b, recorded->c,
                                              recorded->again};
    for (size_t column = 0; column < MEASURE_COLUMNS; column++)
        times->cpu[column] = times->wall[column] = columns[column];
}

/* Judges two workloads of three sides, of weights 1 and 3. */
static bool judge(struct recorded *one, struct recorded *two, struct measure_report *report)
{
    static const struct measure_workload workloads[2] = {{.name = "one", .weight = 1},
                                                         {.name = "two", .weight = 3}};
    const struct measure_request request = {.side_count = 3,
                                            .workloads = workloads,
                                            .workload_count = two ? 2 : 1,
                                            .stopping.precision = 0.01,
                                            .noise = true};
    struct run_times times[2];
    point_to(one, &times[0]);
    if (two)
        point_to(two, &times[1]);
    *report = (struct measure_report){.pairs = PAIRS, .same = true};
    bool narrow = run_times_judge(times, &request, ERROR_RATE, report);
    run_times_sum_up(times, &request, report);
    return narrow;
}

static void assert_near(double value, double expected)
{
    if (fabs(value / expected - 1) > 0.01)
        fail_msg("%.4f is not %.4f", value, expected);
}

static void twice_as_slow_and_twice_as_fast(void **state)
{
    struct measure_report report;
    (void)state;
    assert_true(judge(&quiet, NULL, &report));
    assert_int_equal(report.all.cpu[MEASURE_B].verdict, PAIRED_SLOWER);
    assert_int_equal(report.all.cpu[MEASURE_C].verdict, PAIRED_FASTER);
    assert_int_equal(report.all.cpu[MEASURE_A].verdict, PAIRED_NO_DIFFERENCE);
    assert_near(report.all.cpu[MEASURE_B].interval.ratio, 2.01);
    assert_near(report.all.cpu[MEASURE_C].interval.ratio, 0.5);
    assert_near(report.all.cpu[MEASURE_A].value, 0.03005);
    /* C to B, which are both made of A. */
    assert_int_equal(report.step.verdict, PAIRED_FASTER);
    assert_near(report.step.interval.ratio, 0.248);
}

/* What A shows against itself counts as no difference: more pairs are needed to be sure. */
static void what_the_noise_hides_is_no_difference(void **state)
{
    struct measure_report report;
    (void)state;
    assert_false(judge(&busy, NULL, &report));
    const struct measure_row *row = &report.all.cpu[MEASURE_B];
    assert_true(row->interval.low > 1);
    assert_true(row->below_noise);
    assert_int_equal(row->verdict, PAIRED_NO_DIFFERENCE);
    /* Twenty times the work is seen all the same. */
    struct recorded clear = busy;
    for (size_t i = 0; i < PAIRS; i++)
        clear.b[i] *= 10;
    judge(&clear, NULL, &report);
    assert_int_equal(report.all.cpu[MEASURE_B].verdict, PAIRED_SLOWER);
}

/* The weighted geometric mean: 2.01 once and 1 three times. */
static void workloads_count_by_their_weights(void **state)
{
    struct recorded same = quiet;
    struct measure_report report;
    (void)state;
    memcpy(same.b, same.a, sizeof(same.b));
    judge(&quiet, &same, &report);
    assert_near(report.all.cpu[MEASURE_B].interval.ratio, pow(2.01, 0.25));
    assert_int_equal(report.all.cpu[MEASURE_B].verdict, PAIRED_SLOWER);
    assert_int_equal(report.workloads[0].cpu[MEASURE_B].verdict, PAIRED_SLOWER);
    assert_int_equal(report.workloads[1].cpu[MEASURE_B].verdict, PAIRED_NO_DIFFERENCE);
    assert_near(report.all.cpu[MEASURE_A].value, 2 * 0.03005); /* values are added up */
}

static void b_is_accepted_as_far_as_was_asked(void **state)
{
    struct measure_report report;
    (void)state;
    judge(&quiet, NULL, &report);
    assert_false(run_times_accept(&report, false, 0));
    assert_false(run_times_accept(&report, false, 0.5));
    assert_true(run_times_accept(&report, false, 1.5)); /* up to 2.5 times */
    assert_false(run_times_accept(&report, true, 1.5));
    judge(&busy, NULL, &report);
    assert_true(run_times_accept(&report, false, 0)); /* no difference is not slower */
    assert_false(run_times_accept(&report, true, 0)); /* nor faster */
    report.all.cpu[MEASURE_B].verdict = PAIRED_FASTER;
    assert_true(run_times_accept(&report, true, 0));
    report.same = false;
    assert_false(run_times_accept(&report, true, 0));
}

static void waiting_is_told_from_starting_and_from_queueing(void **state)
{
    (void)state;
    assert_true(run_times_mostly_idle(0.100, 0.090));
    assert_false(run_times_mostly_idle(0.100, 0.040)); /* it works more than it waits */
    assert_false(run_times_mostly_idle(0.015, 0.014)); /* it was only started */
    assert_false(run_times_mostly_idle(0.500, 0.030)); /* other processes had the CPU */
}

static void progress_tells_what_is_known(void **state)
{
    static const struct measure_workload workloads[2] = {{.weight = 1}, {.weight = 3}};
    const struct measure_request request = {
        .side_count = 2, .workloads = workloads, .workload_count = 2};
    struct run_times times[2];
    struct paired_interval interval;
    char text[160];
    (void)state;
    point_to(&quiet, &times[0]);
    point_to(&quiet, &times[1]);
    run_times_ratio(times, &request, PAIRS, &interval);
    assert_true(interval.ratio > 1.98 && interval.ratio < 2.04);
    assert_true(interval.low < interval.ratio && interval.ratio < interval.high);
    run_times_ratio(times, &request, 2, &interval);
    assert_true(interval.ratio > 1.98 && interval.ratio < 2.04);

    struct measure_progress progress = {.runs = 2, .seconds_left = -1};
    assert_string_equal(table_progress_text(&progress, text, sizeof(text)), "warming up, run 2");
    progress.rounds = 3;
    progress.ratio = 0.9701;
    assert_string_equal(table_progress_text(&progress, text, sizeof(text)), "round 3, B/A 0.970");
    progress.rounds = 7;
    progress.half_width = 0.04;
    progress.seconds_left = 10.2;
    assert_string_equal(table_progress_text(&progress, text, sizeof(text)),
                        "round 7, B/A 0.970 ± 0.040, at most 11 s left");
}

static void pairs_are_those_of_the_interval(void **state)
{
    static const struct measure_workload workloads[2] = {{.weight = 1}, {.weight = 3}};
    struct measure_request request = {
        .side_count = 3, .workloads = workloads, .workload_count = 2, .noise = true};
    static struct measure_pairs pairs;
    struct run_times times[2];
    struct measure_report report;
    (void)state;
    point_to(&quiet, &times[0]);
    point_to(&busy, &times[1]);
    run_times_pairs(times, &request, PAIRS, &pairs);
    assert_int_equal(pairs.count, PAIRS);
    for (size_t i = 0; i < PAIRS; i++) {
        /* The geometric mean, by the weights. */
        assert_near(pairs.ratios[MEASURE_B][i],
                    pow(quiet.b[i] / quiet.a[i], 0.25) * pow(busy.b[i] / busy.a[i], 0.75));
        assert_near(pairs.ratios[MEASURE_A][i],
                    pow(quiet.again[i] / quiet.a[i], 0.25) * pow(busy.again[i] / busy.a[i], 0.75));
    }
    judge(&quiet, &busy, &report);
    size_t below = 0;
    for (size_t i = 0; i < PAIRS; i++)
        below += pairs.ratios[MEASURE_C][i] < report.all.cpu[MEASURE_C].interval.low;
    assert_true(below < PAIRS / 2);
    /* What was not run has none. */
    static struct measure_pairs two_sides;
    request.side_count = 2;
    request.noise = false;
    run_times_pairs(times, &request, PAIRS, &two_sides);
    assert_true(two_sides.ratios[MEASURE_A][0] == 0 && two_sides.ratios[MEASURE_C][0] == 0);
    assert_true(two_sides.ratios[MEASURE_B][0] > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_as_slow_and_twice_as_fast),
        cmocka_unit_test(what_the_noise_hides_is_no_difference),
        cmocka_unit_test(workloads_count_by_their_weights),
        cmocka_unit_test(b_is_accepted_as_far_as_was_asked),
        cmocka_unit_test(waiting_is_told_from_starting_and_from_queueing),
        cmocka_unit_test(progress_tells_what_is_known),
        cmocka_unit_test(pairs_are_those_of_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
