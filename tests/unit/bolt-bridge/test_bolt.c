/* What is read of llvm-bolt's output, and how pgo-record is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/toolchain/recorder.h"

/* Lines as LLVM 16, 19 and 22 write them. */
static void test_functions_with_a_profile(void **state)
{
    struct bolt_outcome outcome = {0};
    (void)state;
    bolt_read_line("BOLT-INFO: 983 out of 2596 functions in the binary (37.9%) have non-empty "
                   "execution profile\n",
                   &outcome);
    assert_true(outcome.profile_told);
    assert_int_equal(outcome.profiled_functions, 983);
    assert_int_equal(outcome.all_functions, 2596);
    bolt_read_line("BOLT-INFO: profile for 12 objects was ignored\n", &outcome);
    assert_int_equal(outcome.ignored_objects, 12);
}

static void test_stale_profile(void **state)
{
    struct bolt_outcome outcome = {0};
    (void)state;
    bolt_read_line("BOLT-WARNING: 7 (100.0% of all profiled) functions have invalid (possibly "
                   "stale) profile. Use -report-stale to see the list.\n",
                   &outcome);
    assert_int_equal(outcome.stale_functions, 7);
    bolt_read_line("BOLT-ERROR: 1 (0.1% of all profiled) function has invalid (possibly stale) "
                   "profile.\n",
                   &outcome);
    assert_int_equal(outcome.stale_functions, 1);
}

/* Once for the input, then again for the result, with the change behind it. */
static void test_taken_branches(void **state)
{
    struct bolt_outcome outcome = {0};
    (void)state;
    bolt_read_line("           374736720 : taken forward branches\n", &outcome);
    bolt_read_line("           788114453 : taken branches\n", &outcome);
    assert_false(outcome.branches_told);
    bolt_read_line("           345344833 : taken branches (-56.2%)\n", &outcome);
    bolt_read_line("           243455802 : taken conditional branches (-56.2%)\n", &outcome);
    assert_true(outcome.branches_told);
    assert_int_equal(outcome.taken_before, 788114453);
    assert_int_equal(outcome.taken_after, 345344833);
}

static void test_other_lines_mean_nothing(void **state)
{
    static const char *const lines[] = {
        "",
        "\n",
        "BOLT-INFO\n",
        "BOLT-INFO: enabling relocation mode\n",
        "BOLT-INFO: 17936 instructions were shortened\n",
        "BOLT-WARNING: 99999999999999999999999 (",
        "12 out of 13 functions in the binary\n", /* not BOLT's own line */
        " : taken branches\n",
    };
    struct bolt_outcome outcome = {0}, untouched = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        bolt_read_line(lines[i], &outcome);
    assert_memory_equal(&outcome, &untouched, sizeof(outcome));
    bolt_read_line("BOLT-WARNING: debug info will be stripped from the binary. Use "
                   "-update-debug-sections to keep it.\n",
                   &outcome);
    assert_true(outcome.debug_information_lost);
}

static void test_recorder_command_line(void **state)
{
    char *command[] = {"./app", "-x", "a b", NULL};
    const struct recorder_settings few = {.pattern = "/tmp/%p.pgoraw"};
    const struct recorder_settings all = {
        .pattern = "p", .rate = "1000", .budget = "5", .branches = "off"};
    static const char *const expected_few[] = {"/bin/rec", "-q",    "-o", "/tmp/%p.pgoraw",
                                               "--",       "./app", "-x", "a b"};
    static const char *const expected_all[] = {"/bin/rec", "-q", "-o", "p",   "-F", "1000",
                                               "--budget", "5",  "-B", "off", "--", "./app"};
    struct error error;
    (void)state;
    char **arguments = recorder_arguments("/bin/rec", &few, command, 3, &error);
    assert_non_null(arguments);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(arguments[i], expected_few[i]);
    assert_null(arguments[8]);
    free(arguments);
    arguments = recorder_arguments("/bin/rec", &all, command, 1, &error);
    assert_non_null(arguments);
    for (size_t i = 0; i < 12; i++)
        assert_string_equal(arguments[i], expected_all[i]);
    assert_null(arguments[12]);
    free(arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_with_a_profile),
        cmocka_unit_test(test_stale_profile),
        cmocka_unit_test(test_taken_branches),
        cmocka_unit_test(test_other_lines_mean_nothing),
        cmocka_unit_test(test_recorder_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
