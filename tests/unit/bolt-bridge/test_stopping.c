/*
 * What the stopping rule and the verdict promise, on noise like that of run times,
 * many times over: A against A is "no difference" in at least 19 of 20 repeats,
 * whenever the measurement was stopped, and 3 % are found.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bolt-bridge/statistics/paired.h"
#include "bolt-bridge/statistics/stopping.h"

#define REPEATS 400
/* Where the true rate is 5 %, this number of REPEATS is exceeded once in 2,000 tests. */
#define MOST_WRONG 35

static uint64_t random_state;

static uint64_t random_bits(void) /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static double uniform(void) /* above 0, at most 1 */
{
    return ((double)(random_bits() >> 11) + 1) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* A run's time on an idle machine: a little noise. */
static double quiet_run(size_t round)
{
    (void)round;
    return exp(0.005 * normal());
}

/* With outliers: one run in ten is disturbed, and takes up to twice as long. */
static double disturbed_run(size_t round)
{
    return quiet_run(round) * (uniform() < 0.1 ? 1 + uniform() : 1);
}

/* A machine that changes between two speeds, and gets slower all the while. */
static double drifting_run(size_t round)
{
    double speed = (round / 7) % 2 ? 1.3 : 1;
    return speed * exp(0.001 * (double)round + 0.01 * normal());
}

/* Skewed to the right without bounds. */
static double skewed_run(size_t round)
{
    (void)round;
    return 1 - 0.02 * log(uniform());
}

/* Clocks that tick: times are multiples of 4 ms of about 200. */
static double ticking_run(size_t round)
{
    return floor(50 * disturbed_run(round)) / 50;
}

/* One measurement, as process/measure.c makes it; `change` is how much slower B is. */
static enum paired_verdict repeat(double (*run)(size_t), const struct stopping_rule *rule,
                                  double change, bool guarded, size_t *pairs_used)
{
    double a[PAIRED_MAXIMUM], b[PAIRED_MAXIMUM], again[PAIRED_MAXIMUM], error_rate;
    struct stopping stopping = {0};
    struct paired_interval interval, noise;
    enum stopping_reason reason = STOPPING_NOT_YET;
    size_t pairs = 0;

    while (reason == STOPPING_NOT_YET) {
        a[pairs] = run(pairs);
        b[pairs] = run(pairs) * (1 + change);
        again[pairs] = run(pairs);
        pairs++;
        if (!stopping_look(&stopping, rule, pairs, (double)pairs, &error_rate))
            continue;
        assert_true(paired_ratio(a, b, pairs, error_rate, &interval));
        assert_true(paired_ratio(a, again, pairs, error_rate, &noise));
        reason = stopping_decide(&stopping, rule, pairs, (double)pairs,
                                 stopping_is_narrow(rule, &interval, &noise));
    }
    *pairs_used = pairs;
    return paired_judge(&interval, guarded ? &noise : NULL);
}

static const struct {
    const char *name;
    double (*run)(size_t);
} machines[] = {{"quiet", quiet_run},
                {"disturbed", disturbed_run},
                {"drifting", drifting_run},
                {"skewed", skewed_run},
                {"ticking", ticking_run}};
#define MACHINES (sizeof(machines) / sizeof(*machines))

/* How often a difference is seen. */
static unsigned seen(size_t machine, const struct stopping_rule *rule, double change, bool guarded,
                     enum paired_verdict wanted)
{
    unsigned count = 0;
    size_t pairs, sum = 0;
    random_state = 88172645463325252u + machine;
    for (unsigned i = 0; i < REPEATS; i++) {
        enum paired_verdict verdict = repeat(machines[machine].run, rule, change, guarded, &pairs);
        count += wanted == PAIRED_NO_DIFFERENCE ? verdict != wanted : verdict == wanted;
        sum += pairs;
    }
    print_message("%-10s %+.0f %%, %s: %u of %d, %.1f pairs on average\n", machines[machine].name,
                  100 * change, guarded ? "with A/A" : "without A/A", count, REPEATS,
                  (double)sum / REPEATS);
    return count;
}

static void test_a_against_a_is_no_difference(void **state)
{
    static const struct stopping_rule rules[] = {
        {.precision = 0.01, .seconds = 60}, /* as compare does by itself */
        {.precision = 0.002, .seconds = 24},
        {.precision = 0.01, .seconds = 9}, /* the time is out before the first look */
        {.pairs = 15},
    };
    (void)state;
    for (size_t rule = 0; rule < sizeof(rules) / sizeof(*rules); rule++) {
        for (size_t machine = 0; machine < MACHINES; machine++) {
            assert_true(seen(machine, &rules[rule], 0, false, PAIRED_NO_DIFFERENCE) <= MOST_WRONG);
            assert_true(seen(machine, &rules[rule], 0, true, PAIRED_NO_DIFFERENCE) <= REPEATS / 20);
        }
    }
}

/* Somebody who stops as soon as he sees what he likes is wrong no more often. */
static void test_impatience_does_not_help(void **state)
{
    struct stopping_rule rule = {.precision = 0, .seconds = 100};
    unsigned wrong = 0;
    (void)state;
    random_state = 4101842887655102017u;
    for (unsigned i = 0; i < REPEATS; i++) {
        double logarithms[PAIRED_MAXIMUM], error_rate;
        struct stopping stopping = {0};
        struct paired_interval interval;
        bool found = false;
        for (size_t pairs = 1; pairs <= 100 && !found; pairs++) {
            logarithms[pairs - 1] = log(disturbed_run(pairs) / disturbed_run(pairs));
            if (!stopping_look(&stopping, &rule, pairs, (double)pairs, &error_rate))
                continue;
            assert_true(paired_ratio_of_logarithms(logarithms, pairs, error_rate, &interval));
            found = interval.low > 1 || interval.high < 1;
            stopping_decide(&stopping, &rule, pairs, (double)pairs, false);
        }
        wrong += found;
    }
    print_message("stopped at the first difference: %u of %d wrong\n", wrong, REPEATS);
    assert_true(wrong <= MOST_WRONG);
}

static void test_three_percent_are_found(void **state)
{
    static const struct stopping_rule rule = {.precision = 0.01, .seconds = 100};
    (void)state;
    for (size_t machine = 0; machine < MACHINES; machine++)
        assert_true(seen(machine, &rule, 0.03, true, PAIRED_SLOWER) >= REPEATS * 95 / 100);
}

/* Pairs are added where the machine is noisy, and not where it is quiet. */
static void test_noise_decides_how_many(void **state)
{
    static const struct stopping_rule rule = {.precision = 0.01, .seconds = 1000};
    size_t quiet, disturbed;
    (void)state;
    random_state = 1;
    repeat(quiet_run, &rule, 0, true, &quiet);
    repeat(skewed_run, &rule, 0, true, &disturbed);
    assert_int_equal(quiet, 12);
    assert_true(disturbed >= 48);
}

static void test_large_differences_need_few(void **state)
{
    static const struct stopping_rule rule = {.precision = 0.001, .seconds = 1000};
    size_t pairs;
    (void)state;
    random_state = 1;
    assert_int_equal(repeat(drifting_run, &rule, 0.5, true, &pairs), PAIRED_SLOWER);
    assert_int_equal(pairs, 12);
}

/* The looks together may be wrong in 5 % of all cases. */
static void test_error_rates_add_up(void **state)
{
    static const struct stopping_rule rule = {.precision = 0};
    struct stopping stopping = {0};
    double sum = 0, error_rate;
    size_t looks = 0;
    (void)state;
    for (size_t pairs = 1; pairs <= PAIRED_MAXIMUM; pairs++) {
        if (!stopping_look(&stopping, &rule, pairs, 0, &error_rate))
            continue;
        sum += error_rate;
        looks++;
        enum stopping_reason reason = stopping_decide(&stopping, &rule, pairs, 0, false);
        assert_int_equal(reason, pairs == PAIRED_MAXIMUM ? STOPPING_MOST : STOPPING_NOT_YET);
    }
    assert_int_equal(looks, 8); /* 12, 24, ..., 768, 1000 */
    assert_true(sum < 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_against_a_is_no_difference),
        cmocka_unit_test(test_impatience_does_not_help),
        cmocka_unit_test(test_three_percent_are_found),
        cmocka_unit_test(test_noise_decides_how_many),
        cmocka_unit_test(test_large_differences_need_few),
        cmocka_unit_test(test_error_rates_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
