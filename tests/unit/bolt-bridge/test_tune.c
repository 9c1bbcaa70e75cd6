/* What candidates are made of, and which options an llvm-bolt knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/tune/candidate.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_that_the_tool_lists_are_known),
        cmocka_unit_test(test_every_pick_of_every_axis_has_options),
        cmocka_unit_test(test_changes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
