/* What candidates are made of, which options an llvm-bolt knows, and what is chance in counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/counting/model.h"
#include "bolt-bridge/tune/candidate.h"
#include "bolt-bridge/tune/chance.h"
#include "bolt-bridge/tune/nearest.h"
#include "bolt-bridge/tune/trial.h"

static const char help[] = "OPTIONS:\n"
                           "  --align-blocks             - align basic blocks\n"
                           "  --align-blocks-min-size=<uint> - minimal size\n"
                           "  --icf                      - fold functions\n"
                           "  --icf=<value>              - fold functions\n"
                           "    =all                     -   all\n"
                           "    =safe                    -   safe\n"
                           "  --no-plt=<value>           - see --plt\n"
                           "    =all                     -   another option's\n"
                           "  --reorder-blocks=<value>   - order\n"
                           "    =cache                   -   misses\n"
                           "    =cache+                  -   alias\n";

static void test_options_that_the_tool_lists_are_known(void **state)
{
    (void)state;
    const char *known[] = {
        "-align-blocks", "--align-blocks",         "-align-blocks-min-size=16", "-icf=safe",
        "-icf",          "-reorder-blocks=cache+", "-reorder-blocks=cache"};
    const char *unknown[] = {"-align",   "-align-blocks-min",       "-plt=all", "-icf=most",
                             "-icf=saf", "-reorder-blocks=ext-tsp", "-blocks"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (!choice_is_known(help, known[i]))
            fail_msg("%s", known[i]);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
        if (choice_is_known(help, unknown[i]))
            fail_msg("%s", unknown[i]);
    assert_false(choice_is_known("", "-icf"));
}

static void test_every_pick_of_every_axis_has_options(void **state)
{
    (void)state;
    const char *options[CANDIDATE_OPTIONS];
    char text[1024];

    assert_true(tune_axis_count <= TUNE_AXES);
    for (size_t axis = 0; axis < tune_axis_count; axis++) {
        size_t count = 0;
        while (count < TUNE_CHOICES && tune_axes[axis].choices[count][0])
            count++;
        assert_true(count > 0);
        for (size_t pick = 1; pick <= count; pick++) {
            struct candidate candidate = {.profile = 0};
            candidate.picks[axis] = (unsigned char)pick;
            assert_true(candidate_options(&candidate, options) >= 1);
            candidate_text(&candidate, NULL, text, sizeof(text));
            assert_non_null(strstr(text, options[0]));
        }
    }
}

static void test_changes_add_up(void **state)
{
    (void)state;
    const char *names[] = {"of all", "corrected"}, *options[CANDIDATE_OPTIONS];
    struct candidate all = {.profile = 0}, one = {.profile = 0}, other = {.profile = 1};
    char text[1024];

    candidate_text(&all, names, text, sizeof(text));
    assert_string_equal(text, "the default");
    one.picks[0] = 1;
    other.picks[tune_axis_count - 1] = 1;
    candidate_add(&all, &one);
    assert_true(candidate_same(&all, &one));
    candidate_add(&all, &other);
    assert_false(candidate_same(&all, &one));
    assert_int_equal(candidate_options(&all, options), 2);
    candidate_text(&all, names, text, sizeof(text));
    assert_non_null(strstr(text, ", profile corrected"));
}

static struct tune tune;

static void count(struct layout_trial *trial, size_t workload, uint64_t instructions,
                  uint64_t jumps, uint64_t mispredicted)
{
    struct counts *counts = &trial->runs[workload].run.counts;

    counts->values[COUNT_INSTRUCTIONS] = instructions;
    counts->values[COUNT_JUMPS] = jumps;
    counts->values[COUNT_MISPREDICTED] = mispredicted;
    counts->values[COUNT_CYCLES] = model_cycles(counts);
    trial->runs[workload].known = true;
}

/* Screened and tuned for the first workload: 1,000,000 cycles by default. */
static struct layout_trial *add(uint64_t instructions, uint64_t jumps, uint64_t mispredicted)
{
    struct layout_trial *trial = &tune.trials[tune.trial_count];

    trial->candidate.picks[0] = (unsigned char)(tune.trial_count++ % 4);
    count(trial, 0, instructions, jumps, mispredicted);
    trial->screened = trial->tuned =
        (double)trial->runs[0].run.counts.values[COUNT_CYCLES] / 1000000;
    return trial;
}

static void add_default(void)
{
    static const struct workloads tuned = {.items = {{.weight = 1}}, .count = 1};
    static const struct workloads held_out = {.items = {{.weight = 1}}, .count = 1};
    static const struct tune_request request = {.workloads = &tuned, .held_out = &held_out};
    static const char *names[] = {"of all"};

    memset(&tune, 0, sizeof(tune));
    tune.request = &request;
    tune.workload_count = 2;
    tune.profile_names[0] = names[0];
    count(add(700000, 100000, 20000), 1, 700000, 100000, 20000);
}

static void test_what_the_same_code_differs_by_is_chance(void **state)
{
    (void)state;

    add_default();
    add(700010, 100000, 20300);                        /* 0.3 % more */
    add(700000, 99990, 19600);                         /* 0.4 % fewer */
    add(690000, 100000, 15000);                        /* other code */
    add(700000, 90000, 25000);                         /* other jumps */
    add(700000, 100000, 0)->state = TRIAL_DIFFERENT;   /* it does something else */
    add(700000, 100000, 0)->state = TRIAL_SAME_LAYOUT; /* it was not counted */
    assert_float_equal(chance_find(&tune), 0.004, 1e-9);
}

static void test_fewer_mispredicted_branches_count_above_chance(void **state)
{
    (void)state;

    add_default();
    tune.chance = 0.004;
    struct layout_trial *lucky = add(700000, 100000, 19700), *better = add(700000, 100000, 19000),
                        *jumps = add(700000, 90000, 20000), *worse = add(700000, 90000, 20500);
    assert_float_equal(chance_left(&tune, lucky, 0, 1), 1, 1e-9);
    assert_float_equal(chance_left(&tune, better, 0, 1), 0.994, 1e-9);
    assert_float_equal(chance_left(&tune, jumps, 0, 1), 0.99, 1e-9);
    assert_float_equal(chance_left(&tune, worse, 0, 1), 0.995, 1e-9);
}

static void expect_nearest(struct layout_trial *trial, const char *lack)
{
    char text[256];

    trial->sure = chance_left(&tune, trial, 0, 1);
    nearest_text(&tune, text, sizeof(text));
    if (!strstr(text, lack))
        fail_msg("'%s' does not say '%s'", text, lack);
}

static void test_what_the_nearest_layout_lacks_is_said(void **state)
{
    (void)state;
    char text[256];

    add_default();
    nearest_text(&tune, text, sizeof(text));
    assert_string_equal(text, "no other layout has fewer of the model's cycles");
    tune.chance = 0.004;
    expect_nearest(add(700000, 98000, 20000), "-0.20 %, less than the 0.5 % that count");
    expect_nearest(add(700000, 98000, 19500), "-0.70 %, but -0.30 % without what chance may");
    struct layout_trial *one = add(700000, 90000, 20000);
    count(one, 1, 700000, 130000, 20000);
    one->held_out = trial_ratio(&tune, one, 1, 1, &(struct count_judgement){0});
    expect_nearest(one, "-1.00 %, but +3.00 % on what is held out");
    expect_nearest(one, "the nearest, -reorder-blocks=branch-predictor: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_that_the_tool_lists_are_known),
        cmocka_unit_test(test_every_pick_of_every_axis_has_options),
        cmocka_unit_test(test_changes_add_up),
        cmocka_unit_test(test_what_the_same_code_differs_by_is_chance),
        cmocka_unit_test(test_fewer_mispredicted_branches_count_above_chance),
        cmocka_unit_test(test_what_the_nearest_layout_lacks_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
