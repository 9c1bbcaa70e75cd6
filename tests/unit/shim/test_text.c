/* Texts without libc: they are what libc would have written. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shim/core/ground/text.h"

#define BOTH(size, ...)                                                                            \
    do {                                                                                           \
        volatile size_t room = size; /* the compiler need not see that it is cut */                \
        char ours[200], theirs[200];                                                               \
        size_t length = text_print(ours, room, __VA_ARGS__);                                       \
        assert_int_equal(length, snprintf(theirs, room, __VA_ARGS__));                             \
        assert_string_equal(ours, theirs);                                                         \
    } while (0)

static void test_texts_are_those_of_libc(void **state)
{
    (void)state;
    BOTH(200, "%s", "");
    BOTH(200, "%s: %.*s|%%", "a name", 3, "abcdef");
    BOTH(200, "%d %d %d", 0, INT_MAX, INT_MIN);
    BOTH(200, "%u %x %lu %llu", UINT_MAX, UINT_MAX, ULONG_MAX, ULLONG_MAX);
    BOTH(200, "%016llx_%d", 0xabcull, 7);
    BOTH(200, "%ld %lld", LONG_MIN, LLONG_MAX);
}

static void test_what_does_not_fit_is_cut_and_told(void **state)
{
    (void)state;
    BOTH(1, "%s", "abc");
    BOTH(3, "%s", "abc");
    BOTH(4, "%s", "abc");
    BOTH(5, "%d%d", 1234, 5678);
}

static void test_errors_have_the_words_of_libc(void **state)
{
    static const int numbers[] = {EPERM,  ENOENT, EACCES, EEXIST,     ENOTDIR, EMFILE, EFBIG,
                                  ENOSPC, EROFS,  ENOSYS, EOPNOTSUPP, ESTALE,  EDQUOT, EINVAL};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_string_equal(text_of_error(numbers[i]), strerror(numbers[i]));
    assert_string_equal(text_of_error(4000), "error 4000");
}

static void test_numbers_are_read_up_to_their_end(void **state)
{
    const char *end;
    (void)state;
    assert_int_equal(text_number("5.10", &end), 5);
    assert_string_equal(end, ".10");
    assert_int_equal(text_number("..", &end), 0);
    assert_string_equal(end, "..");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_those_of_libc),
        cmocka_unit_test(test_what_does_not_fit_is_cut_and_told),
        cmocka_unit_test(test_errors_have_the_words_of_libc),
        cmocka_unit_test(test_numbers_are_read_up_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
