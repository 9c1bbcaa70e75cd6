/* Numbers in options: the whole text is a number in range, or it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/base/number.h"

static void whole_numbers_in_range_are_taken(void **state)
{
    uint64_t value = 7;
    (void)state;
    assert_true(number_parse("0", 0, 10, &value));
    assert_int_equal(value, 0);
    assert_true(number_parse("0010", 0, 10, &value));
    assert_int_equal(value, 10);
    assert_true(number_parse("18446744073709551615", 0, UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
}

static void other_text_is_not_a_whole_number(void **state)
{
    static const char *const refused[] = {"",    "-1",  "+1",  " 1", "1 ", "1s",
                                          "0x1", "1.0", "1e3", "11", "4",  "18446744073709551616"};
    uint64_t value = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_false(number_parse(refused[i], 5, 10, &value));
    assert_int_equal(value, 7);
}

static void decimals_in_range_are_taken(void **state)
{
    double value = 7;
    (void)state;
    assert_true(number_parse_decimal("0.5", 0, 1, &value));
    assert_true(value == 0.5);
    assert_true(number_parse_decimal(".25", 0, 1, &value));
    assert_true(value == 0.25);
    assert_true(number_parse_decimal("1e2", 0, 100, &value));
    assert_true(value == 100);
    assert_true(number_parse_decimal("-3", -5, 0, &value));
    assert_true(value == -3);
}

static void other_text_is_not_a_decimal(void **state)
{
    static const char *const refused[] = {"",  ".",   "-",   " 1",  "1%",    "0x1", "-0x1",
                                          "-", "inf", "nan", "1,5", "1e999", "101", "-0.1"};
    double value = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_false(number_parse_decimal(refused[i], 0, 100, &value));
    assert_true(value == 7);
}

static void times_may_have_a_unit(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } taken[] = {{"90", 90}, {"90s", 90}, {"5m", 300}, {"1h", 3600}, {"1.5m", 90}, {"0.25", 0.25}};
    static const char *const refused[] = {"",    "s",   "0",  "0s",  "-1",
                                          "5ms", "5 m", "1d", "1e9", "nan"};
    double seconds = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        assert_true(number_parse_duration(taken[i].text, &seconds));
        assert_true(seconds == taken[i].seconds);
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_false(number_parse_duration(refused[i], &seconds));
    assert_true(seconds == 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_in_range_are_taken),
        cmocka_unit_test(other_text_is_not_a_whole_number),
        cmocka_unit_test(decimals_in_range_are_taken),
        cmocka_unit_test(other_text_is_not_a_decimal),
        cmocka_unit_test(times_may_have_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
