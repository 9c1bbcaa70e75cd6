/* The governor's promises, on made-up costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shim/core/budget/governor.h"
#include "shim/core/window/window.h"

#define PERIOD_NS 1000000u

/* Samples that cost `fixed_ns` and `each_ns` a branch, and arrive at once, in code with a branch
 * every few instructions. */
static void charge_windows(uint32_t samples, uint64_t fixed_ns, uint64_t each_ns,
                           uint32_t instructions_a_branch)
{
    for (uint32_t i = 0; i < samples; i++) {
        uint32_t branches = governor_window(), instructions = branches * instructions_a_branch;
        uint64_t handler_ns = fixed_ns + each_ns * branches;
        governor_window_took(instructions < WINDOW_MOST_INSTRUCTIONS ? instructions
                                                                     : WINDOW_MOST_INSTRUCTIONS);
        governor_window_cost(branches, handler_ns);
        governor_charge(handler_ns, 8000);
    }
}

static void charge(uint32_t samples, uint64_t handler_ns, uint32_t instructions_a_branch)
{
    charge_windows(samples, handler_ns, 0, instructions_a_branch);
}

/* That of all but the few that tell what a branch costs. */
static uint32_t usual_window(void)
{
    uint32_t first = governor_window(), second = governor_window();
    return first > second ? first : second;
}

static void windows_are_as_long_as_tells_most_for_their_time(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 0, 0, true);
    assert_int_equal(usual_window(), 128);
    charge_windows(400, 100000, 500, 8); /* a sample in itself is dear */
    assert_int_equal(usual_window(), 128);
    charge_windows(1000, 4000, 2000, 8); /* what is dear are branches */
    assert_int_equal(usual_window(), 32);
    charge_windows(1000, 30000, 1000, 8);
    assert_int_equal(usual_window(), 64);
    charge_windows(1000, 100000, 200, 8);
    assert_int_equal(usual_window(), 128);
}

/* One in eight, and those tell what a branch costs. */
static void few_windows_are_shorter_than_the_others(void **state)
{
    uint32_t whole = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 0, 0, true);
    for (int i = 0; i < 800; i++)
        whole += governor_window() == 128;
    assert_int_equal(whole, 700);
}

static void windows_asked_for_stay_as_they_are(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 64, 0, true);
    charge_windows(200, 5000, 2000, 8);
    charge(200, 5000, 400);
    for (int i = 0; i < 16; i++)
        assert_int_equal(governor_window(), 64);
}

static void windows_stay_short_in_code_with_few_branches(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 0, 0, true);
    charge(300, 5000, 100);               /* 3,200 instructions at the shortest */
    assert_int_equal(usual_window(), 64); /* the longest that is not cut off */
    charge(300, 5000, 200);
    assert_int_equal(usual_window(), 32);
    charge(300, 5000, 40);
    assert_int_equal(usual_window(), 128);
}

static void the_period_grows_until_samples_take_their_share(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0, true);
    for (int i = 0; i < 2000; i++) {
        governor_allows(governor_period());
        charge(1, 26000, 8); /* and twice 8,000 for its delivery: 42 us */
    }
    assert_in_range(governor_period(), 4000000, 8000000);
}

/* Whether the burst at the start was taken out of what is earned afterwards. */
static void what_all_samples_cost_is_the_budget_once_the_start_is_paid_back(void **state)
{
    const double seconds = 10;
    uint64_t cpu_ns = 0, paid_ns = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 32, 500000, true);
    while ((double)cpu_ns < seconds * 1e9) {
        uint64_t period = governor_period();
        cpu_ns += period;
        if (governor_allows(period))
            paid_ns += 30000 + governor_charge(30000, 8000).delivery_ns;
    }
    assert_true((double)paid_ns <= seconds * 1e9 * 0.01 * 1.01);
    assert_true((double)paid_ns >= seconds * 1e9 * 0.01 * 0.9);
}

/* With costs as they are in short runs: hardly any is cheap. */
static void the_burst_at_the_start_thins_out_and_does_not_end_samples(void **state)
{
    uint64_t cpu_ns = 0, since_ns = 0, longest_ns = 0;
    uint32_t samples = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 32, 800000, true);
    while (cpu_ns < 600000000) {
        uint64_t period = governor_period();
        cpu_ns += period;
        since_ns += period;
        assert_true(governor_allows(period));
        governor_charge(20000, 40000);
        longest_ns = since_ns > longest_ns ? since_ns : longest_ns;
        since_ns = 0;
        samples++;
    }
    assert_in_range(samples, 40, 80);
    assert_true(longest_ns < 40000000);
}

static void preempted_handlers_cost_what_others_do(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0, true);
    assert_int_equal(governor_charge(40000, 8000).handler_ns, 40000);
    charge(50, 40000, 8);
    assert_in_range(governor_charge(4000000, 8000).handler_ns, 35000, 45000);
}

/* As if `rate` times a CPU second, between samples `period_ns` apart. */
static uint64_t switches_of(uint64_t rate, uint64_t period_ns)
{
    return governor_charge_thread(period_ns, rate * period_ns / 1000000000u, period_ns, period_ns);
}

static void the_period_grows_where_threads_are_switched_to_often(void **state)
{
    uint64_t short_ones, long_ones;

    (void)state;
    governor_start(1, PERIOD_NS, 32, 5000000, true);
    charge(32, 26000, 8);
    assert_true(governor_period() < 20000000);
    short_ones = switches_of(20000, 1000000);
    for (int i = 0; i < 64; i++)
        switches_of(20000, governor_period());
    assert_true(governor_period() > 30000000);
    /* For the same CPU time. */
    long_ones = switches_of(20000, 100000000) / 100;
    assert_true(long_ones * 3 < short_ones);
}

static void debt_for_switches_leaves_half_of_the_share_for_samples(void **state)
{
    uint32_t allowed = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 32, 5000000, true);
    for (int i = 0; i < 1000; i++) {
        uint64_t period = governor_period();
        switches_of(50000, period);
        if (governor_allows(period)) {
            governor_charge(30000, 8000);
            allowed++;
        }
    }
    assert_true(allowed > 900);
}

/* Nine tenths of it: of the budget, samples have what the clock's expiries there leave. */
static void time_in_system_calls_is_earned_by_and_its_expiries_are_paid_for(void **state)
{
    uint64_t cpu_ns = 0, paid_ns = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 32, 5000000, true);
    while (cpu_ns < 20000000000u) {
        uint64_t period = governor_period();
        cpu_ns += 10 * period;
        paid_ns += governor_charge_thread(10 * period, 0, period, period);
        if (governor_allows(period))
            paid_ns += 30000 + governor_charge(30000, 8000).delivery_ns;
    }
    assert_in_range(paid_ns, cpu_ns / 100 * 8 / 10, cpu_ns / 100 * 102 / 100);
}

/* Where a timer is better is long before. */
static void a_clock_is_liked_while_switches_cost_little_of_the_share(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0, true);
    charge(200, 26000, 8);
    assert_true(governor_switches_are_cheap(100, 1000000000));
    assert_false(governor_switches_are_cheap(5000, 1000000000));
    assert_true(governor_switches_are_cheap(0, 0));
}

static void a_clock_is_borne_up_to_ten_times_the_share(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0, true);
    charge(200, 26000, 8);
    assert_true(governor_switches_are_bearable(20000, 1000000000));
    assert_false(governor_switches_are_bearable(200000, 1000000000));
}

static bool timers_are_cheaper(double budget, uint64_t arrival_ns)
{
    governor_start(budget, PERIOD_NS, 32, 0, true);
    for (int i = 0; i < 200; i++)
        governor_charge(45000, arrival_ns);
    return governor_timers_are_cheaper();
}

/* A signal takes 25 microseconds to come in virtual machines, and 3 on bare metal. */
static void timers_are_cheaper_where_interrupts_are_dear_and_samples_seldom(void **state)
{
    (void)state;
    assert_true(timers_are_cheaper(1, 25000));
    assert_false(timers_are_cheaper(1, 3000));
    assert_false(timers_are_cheaper(20, 25000));
    governor_start(1, PERIOD_NS, 32, 0, true);
    assert_false(governor_timers_are_cheaper()); /* nothing is known yet */
}

static void ticks_are_fair_to_threads_that_run_on_in_user_code(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0, true);
    assert_true(governor_ticks_are_fair(5, 1000000000, 20000000));
    assert_false(governor_ticks_are_fair(2000, 1000000000, 20000000));
    assert_false(governor_ticks_are_fair(5, 1000000000, 200000000));
}

/* A compiler's processes: each has a fresh copy of us, and ends before it has earned much. */
static void a_process_without_a_loan_pays_its_start_before_more_samples(void **state)
{
    const uint64_t spent_ns = 800000;
    uint64_t paid_ns = spent_ns, cpu_ns = 0;

    (void)state;
    governor_start(1, PERIOD_NS, 32, spent_ns, false);
    while (cpu_ns < 500000000) {
        uint64_t period = governor_period();
        cpu_ns += period;
        if (governor_allows(period))
            paid_ns += 300000 + governor_charge(300000, 30000).delivery_ns;
    }
    assert_true(paid_ns <= cpu_ns / 100 + 2 * 360000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_as_long_as_tells_most_for_their_time),
        cmocka_unit_test(few_windows_are_shorter_than_the_others),
        cmocka_unit_test(windows_asked_for_stay_as_they_are),
        cmocka_unit_test(windows_stay_short_in_code_with_few_branches),
        cmocka_unit_test(the_period_grows_until_samples_take_their_share),
        cmocka_unit_test(what_all_samples_cost_is_the_budget_once_the_start_is_paid_back),
        cmocka_unit_test(the_burst_at_the_start_thins_out_and_does_not_end_samples),
        cmocka_unit_test(preempted_handlers_cost_what_others_do),
        cmocka_unit_test(the_period_grows_where_threads_are_switched_to_often),
        cmocka_unit_test(debt_for_switches_leaves_half_of_the_share_for_samples),
        cmocka_unit_test(time_in_system_calls_is_earned_by_and_its_expiries_are_paid_for),
        cmocka_unit_test(a_clock_is_liked_while_switches_cost_little_of_the_share),
        cmocka_unit_test(a_clock_is_borne_up_to_ten_times_the_share),
        cmocka_unit_test(timers_are_cheaper_where_interrupts_are_dear_and_samples_seldom),
        cmocka_unit_test(ticks_are_fair_to_threads_that_run_on_in_user_code),
        cmocka_unit_test(a_process_without_a_loan_pays_its_start_before_more_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
