/* What help prints fits into its columns, and leaves alone what is indented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/help.h"
#include "analyzer/base/options.h"

#define LONG_WORD                                                                                  \
    "a-word-of-more-than-eighty-letters-that-cannot-be-broken-anywhere-since-it-has-no-blank"

static char *printed(const char *text)
{
    char *bytes = NULL;
    size_t size;
    FILE *stream = open_memstream(&bytes, &size);
    assert_non_null(stream);
    help_print(stream, text);
    fclose(stream);
    return bytes;
}

static void expect(const char *text, const char *wanted)
{
    char *bytes = printed(text);
    assert_string_equal(bytes, wanted);
    free(bytes);
}

static void paragraphs_are_joined_and_broken_at_blanks(void **state)
{
    (void)state;
    expect("one\ntwo  three\n\nfour", "one two  three\n\nfour\n");
    char *bytes = printed("Words that go on and on until the line has no room for them any more, "
                          "and then go on again in the next line, as they do here.");
    for (const char *line = bytes; *line; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= HELP_COLUMNS);
        assert_int_not_equal(*line, ' ');
    }
    free(bytes);
}

static void indented_lines_stay_whole(void **state)
{
    (void)state;
    expect("Examples:\n  one two\n  " LONG_WORD " and more\n\nEnd.",
           "Examples:\n  one two\n  " LONG_WORD " and more\n\nEnd.\n");
}

static void a_word_without_room_has_a_line_of_its_own(void **state)
{
    (void)state;
    expect("see " LONG_WORD " there", "see\n" LONG_WORD "\nthere\n");
}

static void rows_of_tables_are_set_under_themselves(void **state)
{
    (void)state;
    char *bytes = NULL;
    size_t size;
    FILE *stream = open_memstream(&bytes, &size);
    assert_non_null(stream);
    help_print_row(
        stream, 6, "raw",
        "a description that is so long that it needs more than the one line that it has");
    fclose(stream);
    assert_memory_equal(bytes, "  raw     a description", 23);
    assert_non_null(strstr(bytes, "\n          "));
    free(bytes);
}

static void words_that_are_mistyped_get_a_suggestion(void **state)
{
    (void)state;
    static const char *const names[] = {"fdata", "folded", NULL};
    char text[128];
    assert_string_equal(option_unknown(text, sizeof(text), "format", "fdat", names),
                        "unknown format 'fdat'; did you mean 'fdata'?");
    assert_string_equal(option_unknown(text, sizeof(text), "format", "x", names),
                        "unknown format 'x'");
    assert_string_equal(option_unknown(text, sizeof(text), "format", "\033[1m", names),
                        "unknown format '?[1m'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_are_joined_and_broken_at_blanks),
        cmocka_unit_test(indented_lines_stay_whole),
        cmocka_unit_test(a_word_without_room_has_a_line_of_its_own),
        cmocka_unit_test(rows_of_tables_are_set_under_themselves),
        cmocka_unit_test(words_that_are_mistyped_get_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
