/* Times on the command line: seconds, or with their unit; what is not a time is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shim/record/duration.h"

static void test_units(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {{"90", 90},     {"90s", 90}, {"5m", 300},       {"1h", 3600},
                 {"1.5h", 5400}, {".5", 0.5}, {"0.001s", 0.001}, {"100000000", 1e8}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double seconds = 0;
        assert_true(duration_parse(cases[i].text, &seconds));
        assert_true(seconds == cases[i].seconds);
    }
}

static void test_refused(void **state)
{
    static const char *const texts[] = {"",    "s",   "0",     "0m",        "-5",    "+5",
                                        " 5",  "5 ",  "5x",    "5ms",       "5mm",   "1e300",
                                        "inf", "nan", "0x10",  "1e3",       ".",     "1.2.3",
                                        "5 m", "m5",  "1h30m", "100000001", "30000h"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        double seconds = 7;
        assert_false(duration_parse(texts[i], &seconds));
        assert_true(seconds == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
