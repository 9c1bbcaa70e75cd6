/* Which of the builds that were judged is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/choosing/choice.h"

static struct choice_build builds[4];

static void set(size_t build, double ratio, enum count_verdict verdict)
{
    builds[build] = (struct choice_build){.name = "a build"};
    builds[build].judgement.ratios[COUNT_CYCLES] = ratio;
    builds[build].judgement.without_jumps = ratio;
    builds[build].judgement.verdict = verdict;
}

static int begin(void **state)
{
    (void)state;
    set(0, 1, COUNTS_EQUAL);
    set(1, 0.9, COUNTS_BETTER);
    set(2, 0.8, COUNTS_BETTER);
    set(3, 0.85, COUNTS_BETTER);
    return 0;
}

static void test_the_build_of_fewest_cycles_is_taken(void **state)
{
    (void)state;
    assert_int_equal(choice_find_winner(builds, 4), 2);
    assert_int_equal(choice_find_winner(builds, 2), 1);
}

static void test_what_the_model_hardly_tells_apart_is_judged_without_jumps(void **state)
{
    (void)state;
    set(3, 0.8 + 0.9 * COUNT_DECISIVE, COUNTS_BETTER);
    builds[3].judgement.without_jumps = 0.79;
    assert_int_equal(choice_find_winner(builds, 4), 3);
    assert_int_equal(choice_find_fewest(builds, 4), 2);
    /* Neither what is more behind, nor what is behind in both, nor what is not better. */
    builds[3].judgement.ratios[COUNT_CYCLES] = 0.8 + 1.1 * COUNT_DECISIVE;
    assert_int_equal(choice_find_winner(builds, 4), 2);
    set(3, 0.8 + 0.9 * COUNT_DECISIVE, COUNTS_BETTER);
    assert_int_equal(choice_find_winner(builds, 4), 2);
    builds[3].judgement.without_jumps = 0.79;
    builds[3].judgement.verdict = COUNTS_EQUAL;
    assert_int_equal(choice_find_winner(builds, 4), 2);
}

static void test_what_was_left_out_is_not(void **state)
{
    (void)state;
    strcpy(builds[2].reason, "it ends differently");
    assert_int_equal(choice_find_winner(builds, 4), 3);
}

static void test_fewer_cycles_are_not_better_where_one_workload_has_more(void **state)
{
    (void)state;
    builds[2].judgement.verdict = COUNTS_EQUAL;
    builds[3].judgement.verdict = COUNTS_WORSE;
    assert_int_equal(choice_find_winner(builds, 4), 1);
}

static void test_where_none_is_better_it_is_the_plain_one(void **state)
{
    (void)state;
    for (size_t i = 1; i < 4; i++)
        builds[i].judgement.verdict = COUNTS_EQUAL;
    assert_int_equal(choice_find_winner(builds, 4), 0);
    assert_int_equal(choice_find_winner(builds, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_build_of_fewest_cycles_is_taken, begin),
        cmocka_unit_test_setup(test_what_the_model_hardly_tells_apart_is_judged_without_jumps,
                               begin),
        cmocka_unit_test_setup(test_what_was_left_out_is_not, begin),
        cmocka_unit_test_setup(test_fewer_cycles_are_not_better_where_one_workload_has_more, begin),
        cmocka_unit_test_setup(test_where_none_is_better_it_is_the_plain_one, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
