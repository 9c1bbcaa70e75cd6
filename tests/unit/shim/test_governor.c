/* The governor's promises, on made-up costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shim/core/governor.h"
#include "shim/core/lookahead/lookahead.h"

#define PERIOD_NS 1000000u

/* Samples that cost `handler_ns` and arrive at once, in code with a branch every so many
 * instructions. */
static void charge(uint32_t samples, uint64_t handler_ns, uint32_t instructions_a_branch)
{
    for (uint32_t i = 0; i < samples; i++) {
        uint32_t instructions = governor_window() * instructions_a_branch;
        governor_window_took(instructions < LOOKAHEAD_INSTRUCTIONS ? instructions
                                                                   : LOOKAHEAD_INSTRUCTIONS);
        governor_charge(handler_ns, 8000);
    }
}

static void windows_grow_while_the_handler_is_cheap(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 0, 0);
    assert_int_equal(governor_window(), 32);
    charge(200, 5000, 8);
    assert_int_equal(governor_window(), 128);
    charge(400, 200000, 8);
    assert_int_equal(governor_window(), 32);
}

static void windows_asked_for_stay_as_they_are(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 64, 0);
    charge(200, 5000, 8);
    charge(200, 5000, 400);
    assert_int_equal(governor_window(), 64);
}

static void windows_stay_short_in_code_with_few_branches(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 0, 0);
    charge(200, 5000, 100); /* 3,200 instructions at the shortest */
    assert_int_equal(governor_window(), 32);
    charge(200, 5000, 40);
    assert_int_equal(governor_window(), 128);
    charge(200, 5000, 100);
    assert_int_equal(governor_window(), 64); /* the longest that is not cut off */
}

static void the_period_grows_until_samples_take_their_share(void **state)
{
    (void)state;
    governor_start(1, PERIOD_NS, 32, 0);
    for (int i = 0; i < 2000; i++) {
        governor_allows(governor_period());
        charge(1, 26000, 8); /* and three times 8,000 for its delivery: 50 us */
    }
    assert_in_range(governor_period(), 4000000, 8000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_grow_while_the_handler_is_cheap),
        cmocka_unit_test(windows_asked_for_stay_as_they_are),
        cmocka_unit_test(windows_stay_short_in_code_with_few_branches),
        cmocka_unit_test(the_period_grows_until_samples_take_their_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
