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

/* The first six pairs: the interval is the whole range, with confidence 1 - 2/64. */
static void test_smallest_sample(void **state)
{
    double before[6], after[6] = {1.6, 1.1, 1.4, 1.2, 1.5, 1.3};
    struct paired_interval interval;
    (void)state;
    fill(before, 6, 1);
    assert_true(paired_ratio(before, after, 6, 0.05, &interval));
    assert_close(interval.low, 1.1);
    assert_close(interval.high, 1.6);
    assert_close(interval.confidence, 1 - 2.0 / 64);
    assert_int_equal(interval.pairs, 6);
    assert_false(paired_ratio(before, after, 6, 0.03, &interval)); /* six cannot promise 97 % */
    assert_int_equal(interval.pairs, 6);
}

/*
 * Hodges and Lehmann's estimate of 1, 2, 4, 8, 16, 32, 64 times: in logarithms the
 * values 0 ... 6, whose means of two have 3 in the middle: 8.
 */
static void test_estimate(void **state)
{
    double before[7], after[7];
    struct paired_interval interval;
    (void)state;
    fill(before, 7, 1);
    for (size_t i = 0; i < 7; i++)
        after[i] = (double)(1u << ((i * 3) % 7));
    assert_true(paired_ratio(before, after, 7, 0.05, &interval));
    assert_close(interval.ratio, 8);
    /* n = 7: rank sums of at most 2 are as rare as 3 in 128; 0, 0.5, 1, 1 are the lowest means. */
    assert_close(interval.confidence, 1 - 2 * 3.0 / 128);
    assert_close(interval.low, 2);
    assert_close(interval.high, 32);
}

/*
 * Tables of the signed-rank test, two-sided 5 %: the critical values are 25 for
 * n = 15, 52 for n = 20 and 37 at 1 %; those beyond 50 were worked out in whole numbers, and say
 * how good the normal approximation is.  With values 0 ... n-1
 * the k-th smallest mean can be counted.
 */
static double kth_mean(size_t count, size_t k)
{
    double means[5050];
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++)
            means[used++] = (double)(i + j) / 2;
    for (size_t i = 0; i <= k; i++)
        for (size_t j = i + 1; j < used; j++)
            if (means[j] < means[i]) {
                double swap = means[i];
                means[i] = means[j];
                means[j] = swap;
            }
    return means[k];
}

static void test_tabulated_ranks(void **state)
{
    static const struct {
        size_t pairs;
        double error_rate;
        size_t critical;
    } table[] = {{10, 0.05, 8},   {15, 0.05, 25},    {20, 0.05, 52},
                 {20, 0.01, 37},  {50, 0.05, 434},   {60, 0.05, 648},
                 {61, 0.05, 672}, {100, 0.05, 1955}, {100, 0.01, 1779}};
    double logarithms[100];
    struct paired_interval interval;
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        for (size_t j = 0; j < table[i].pairs; j++)
            logarithms[j] = (double)j / 100;
        assert_true(
            paired_ratio_of_logarithms(logarithms, table[i].pairs, table[i].error_rate, &interval));
        double low = kth_mean(table[i].pairs, table[i].critical) / 100;
        assert_close(log(interval.low), low);
        assert_close(log(interval.high), (double)(table[i].pairs - 1) / 100 - low);
        assert_true(interval.confidence >= 1 - table[i].error_rate);
    }
}

/* The pairing matters: a drift of the machine cancels out. */
static void test_drift_cancels(void **state)
{
    double before[8] = {1, 2, 3, 4, 5, 6, 7, 8}, after[8];
    struct paired_interval interval;
    (void)state;
    for (size_t i = 0; i < 8; i++)
        after[i] = before[i] * 0.9;
    assert_true(paired_ratio(before, after, 8, 0.05, &interval));
    assert_close(interval.ratio, 0.9);
    assert_close(interval.low, 0.9);
    assert_close(interval.high, 0.9);
    assert_int_equal(paired_judge(&interval, NULL), PAIRED_FASTER);
}

/* A run that took a hundred times as long moves the estimate by less than the pairs spread. */
static void test_one_wild_run_changes_little(void **state)
{
    double before[15], after[15];
    struct paired_interval calm, wild;
    (void)state;
    fill(before, 15, 1);
    for (size_t i = 0; i < 15; i++)
        after[i] = 0.98 + 0.001 * (double)i;
    assert_true(paired_ratio(before, after, 15, 0.05, &calm));
    after[7] = 100;
    assert_true(paired_ratio(before, after, 15, 0.05, &wild));
    assert_true(fabs(wild.ratio - calm.ratio) < 0.001);
    assert_true(wild.high < 0.994 && wild.low > 0.98);
}

static void test_refusals(void **state)
{
    double before[6], after[6];
    struct paired_interval interval;
    (void)state;
    fill(before, 6, 1);
    fill(after, 6, 1);
    assert_false(paired_ratio(before, after, PAIRED_MINIMUM - 1, 0.05, &interval));
    assert_false(paired_ratio(before, after, PAIRED_MAXIMUM + 1, 0.05, &interval));
    assert_false(paired_ratio(before, after, 0, 0.05, &interval));
    before[3] = 0;
    assert_false(paired_ratio(before, after, 6, 0.05, &interval));
    before[3] = NAN;
    assert_false(paired_ratio(before, after, 6, 0.05, &interval));
    before[3] = 1;
    after[5] = -1;
    assert_false(paired_ratio(before, after, 6, 0.05, &interval));
    after[5] = INFINITY;
    assert_false(paired_ratio(before, after, 6, 0.05, &interval));
}

/* The most pairs there may be: the normal approximation, and no overflow. */
static void test_largest_sample(void **state)
{
    static double logarithms[PAIRED_MAXIMUM];
    struct paired_interval interval;
    (void)state;
    for (size_t i = 0; i < PAIRED_MAXIMUM; i++)
        logarithms[i] = (double)i / PAIRED_MAXIMUM;
    assert_true(paired_ratio_of_logarithms(logarithms, PAIRED_MAXIMUM, 0.05, &interval));
    assert_close(log(interval.ratio), 0.4995);
    /* Of a uniform distribution: 1.96 / sqrt(12 * 1000) up and down, 0.0179. */
    assert_true(log(interval.low) > 0.4995 - 0.0189 && log(interval.low) < 0.4995 - 0.0169);
    assert_true(log(interval.high) < 0.4995 + 0.0189 && log(interval.high) > 0.4995 + 0.0169);
    assert_true(interval.confidence >= 0.95 && interval.confidence < 0.951);
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
    assert_false(paired_is_below_noise(&faster, &quiet));
    assert_false(paired_is_below_noise(&same, &quiet));
    /* A against itself may differ by 4 %: 5 % counts, 3 % do not, however sure they are. */
    struct paired_interval restless = {.ratio = 1.00, .low = 0.965, .high = 1.04};
    struct paired_interval little = {.ratio = 0.97, .low = 0.96, .high = 0.98};
    assert_int_equal(paired_judge(&faster, &restless), PAIRED_FASTER);
    assert_int_equal(paired_judge(&little, &restless), PAIRED_NO_DIFFERENCE);
    assert_true(paired_is_below_noise(&little, &restless));
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
        cmocka_unit_test(test_smallest_sample),
        cmocka_unit_test(test_estimate),
        cmocka_unit_test(test_tabulated_ranks),
        cmocka_unit_test(test_drift_cancels),
        cmocka_unit_test(test_one_wild_run_changes_little),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_largest_sample),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
