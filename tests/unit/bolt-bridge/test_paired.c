/* The statistics of paired measurements, against values worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bolt-bridge/statistics/paired.h"

static void assert_close(double value, double expected)
{
    if (fabs(value - expected) > 1e-6)
        fail_msg("%.9f is not %.9f", value, expected);
}

static void fill(double *values, size_t count, double value)
{
    for (size_t i = 0; i < count; i++)
        values[i] = value;
}

/* Six pairs: the interval is the whole range, with confidence 1 - 2/64. */
static void test_smallest_sample(void **state)
{
    double before[6], after[6] = {1.6, 1.1, 1.4, 1.2, 1.5, 1.3};
    struct paired_interval interval;
    (void)state;
    fill(before, 6, 1);
    assert_true(paired_median_ratio(before, after, 6, &interval));
    assert_close(interval.ratio, 1.35);
    assert_close(interval.low, 1.1);
    assert_close(interval.high, 1.6);
    assert_close(interval.confidence, 1 - 2.0 / 64);
    assert_int_equal(interval.pairs, 6);
}

/* Tables of the sign test: n = 15 gives the 4th and 12th value, 96.48 %; n = 20 the 6th and 15th.
 */
static void test_tabulated_ranks(void **state)
{
    double before[20], after[20];
    struct paired_interval interval;
    (void)state;
    fill(before, 20, 10);
    for (size_t i = 0; i < 20; i++)
        after[i] = 10 + (double)((i * 7) % 15); /* 10..24, shuffled, for the first 15 */
    assert_true(paired_median_ratio(before, after, 15, &interval));
    assert_close(interval.ratio, 1.7);
    assert_close(interval.low, 1.3);
    assert_close(interval.high, 2.1);
    assert_close(interval.confidence, 1 - 2 * 576.0 / 32768);
    for (size_t i = 0; i < 20; i++)
        after[i] = 1 + (double)((i * 7) % 20);
    assert_true(paired_median_ratio(before, after, 20, &interval));
    assert_close(interval.ratio, 1.05);
    assert_close(interval.low, 0.6);
    assert_close(interval.high, 1.5);
    assert_close(interval.confidence, 1 - 2 * 21700.0 / 1048576);
}

/* The pairing matters: a drift of the machine cancels out. */
static void test_drift_cancels(void **state)
{
    double before[8] = {1, 2, 3, 4, 5, 6, 7, 8}, after[8];
    struct paired_interval interval;
    (void)state;
    for (size_t i = 0; i < 8; i++)
        after[i] = before[i] * 0.9;
    assert_true(paired_median_ratio(before, after, 8, &interval));
    assert_close(interval.ratio, 0.9);
    assert_close(interval.low, 0.9);
    assert_close(interval.high, 0.9);
    assert_int_equal(paired_judge(&interval, NULL), PAIRED_FASTER);
}

static void test_one_wild_run_changes_nothing(void **state)
{
    double before[15], after[15];
    struct paired_interval calm, wild;
    (void)state;
    fill(before, 15, 1);
    for (size_t i = 0; i < 15; i++)
        after[i] = 0.98 + 0.001 * (double)i;
    assert_true(paired_median_ratio(before, after, 15, &calm));
    after[14] = 100;
    assert_true(paired_median_ratio(before, after, 15, &wild));
    assert_close(wild.ratio, calm.ratio);
    assert_close(wild.low, calm.low);
    assert_close(wild.high, calm.high);
}

static void test_refusals(void **state)
{
    double before[6], after[6];
    struct paired_interval interval;
    (void)state;
    fill(before, 6, 1);
    fill(after, 6, 1);
    assert_false(paired_median_ratio(before, after, PAIRED_MINIMUM - 1, &interval));
    assert_false(paired_median_ratio(before, after, PAIRED_MAXIMUM + 1, &interval));
    before[3] = 0;
    assert_false(paired_median_ratio(before, after, 6, &interval));
    before[3] = NAN;
    assert_false(paired_median_ratio(before, after, 6, &interval));
    before[3] = 1;
    after[5] = -1;
    assert_false(paired_median_ratio(before, after, 6, &interval));
    after[5] = INFINITY;
    assert_false(paired_median_ratio(before, after, 6, &interval));
}

/* The most pairs there may be: no under- or overflow in the binomial tail. */
static void test_largest_sample(void **state)
{
    static double before[PAIRED_MAXIMUM], after[PAIRED_MAXIMUM];
    struct paired_interval interval;
    (void)state;
    for (size_t i = 0; i < PAIRED_MAXIMUM; i++) {
        before[i] = 1;
        after[i] = 1 + (double)i / 1000;
    }
    assert_true(paired_median_ratio(before, after, PAIRED_MAXIMUM, &interval));
    assert_close(interval.ratio, 1.4995);
    /* Normal approximation: 500 -+ 1.96 * sqrt(250) = 469 ... 531. */
    assert_true(interval.low >= 1.467 && interval.low <= 1.471);
    assert_true(interval.high >= 1.528 && interval.high <= 1.532);
    assert_true(interval.confidence >= 0.95 && interval.confidence < 0.96);
}

static void test_verdicts(void **state)
{
    struct paired_interval faster = {.ratio = 0.95, .low = 0.93, .high = 0.97};
    struct paired_interval slower = {.ratio = 1.05, .low = 1.03, .high = 1.07};
    struct paired_interval same = {.ratio = 0.99, .low = 0.97, .high = 1.01};
    struct paired_interval quiet = {.ratio = 1.001, .low = 0.99, .high = 1.01};
    struct paired_interval biased = {.ratio = 1.04, .low = 1.02, .high = 1.06};
    (void)state;
    assert_int_equal(paired_judge(&faster, NULL), PAIRED_FASTER);
    assert_int_equal(paired_judge(&slower, NULL), PAIRED_SLOWER);
    assert_int_equal(paired_judge(&same, NULL), PAIRED_NO_DIFFERENCE);
    assert_int_equal(paired_judge(&faster, &quiet), PAIRED_FASTER);
    assert_int_equal(paired_judge(&slower, &quiet), PAIRED_SLOWER);
    /* A machine that is 4 % off against itself cannot show 3 % or 5 %. */
    assert_int_equal(paired_judge(&faster, &biased), PAIRED_NO_DIFFERENCE);
    assert_int_equal(paired_judge(&slower, &biased), PAIRED_NO_DIFFERENCE);
}

static void test_median(void **state)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2};
    (void)state;
    assert_close(median(odd, 3), 2);
    assert_close(median(even, 4), 2.5);
    assert_close(median(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smallest_sample), cmocka_unit_test(test_tabulated_ranks),
        cmocka_unit_test(test_drift_cancels),   cmocka_unit_test(test_one_wild_run_changes_nothing),
        cmocka_unit_test(test_refusals),        cmocka_unit_test(test_largest_sample),
        cmocka_unit_test(test_verdicts),        cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
