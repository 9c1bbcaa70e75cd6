/* Tables are as wide as their text, and never wider than they may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/terminal.h"
#include "analyzer/base/text_table.h"

static struct error error;

static const struct table_column columns[] = {
    {"share", true, false, true},
    {"name", false, true, false},
    {"where", false, true, false},
};

static char *printed(const char *const cells[], size_t count, size_t width)
{
    struct text_table table = {.columns = columns, .column_count = 3};
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; i < count; i++)
        assert_true(text_table_add(&table, &error, "%s", cells[i]));
    text_table_print(&table, "Title", stream, width, false);
    fclose(stream);
    text_table_free(&table);
    return text;
}

static void numbers_stand_to_the_right_and_words_to_the_left(void **state)
{
    (void)state;
    const char *const cells[] = {"1.0%", "a", "here", "100.0%", "long name", ""};
    char *text = printed(cells, 6, TERMINAL_ANY_WIDTH);
    assert_string_equal(text, "\nTitle\n"
                              "   share  name       where\n"
                              "    1.0%  a          here\n"
                              "  100.0%  long name\n");
    free(text);
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    const char *const cells[] = {"1.0%",
                                 "std::vector<std::pair<int, long>>::emplace_back",
                                 "a/very/long/path/to/a/file.c:12",
                                 "2.0%",
                                 "größer_als_α_β_γ_δ_ε_ζ_η_θ_ι_κ_λ_μ_ν_ξ_ο_π_ρ_σ",
                                 "b.c:1"};
    for (size_t width = 20; width < 100; width++) {
        char *text = printed(cells, 6, width);
        char *rest = text;
        for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
            assert_true(text_columns(line) <= width);
        free(text);
    }
}

static void both_ends_of_a_name_are_kept(void **state)
{
    (void)state;
    char text[] = "abcdefghijklmnop";
    assert_string_equal(text_fit(text, 11), "abcde…lmnop");
    char short_by_one[] = "abcdefghijkl";
    assert_int_equal(text_columns(text_fit(short_by_one, 11)), 11);
    char same[] = "abc";
    assert_string_equal(text_fit(same, 3), "abc");
    char tiny[] = "abcdefghijklmnop";
    assert_string_equal(text_fit(tiny, 3), "abc");
}

static void what_a_terminal_would_act_upon_is_not_printed(void **state)
{
    (void)state;
    const char *const cells[] = {"1%", "red\033[31m", "x\ny"};
    char *text = printed(cells, 3, 80);
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "x?y"));
    free(text);
}

static void without_rows_there_is_no_table(void **state)
{
    (void)state;
    char *text = printed(NULL, 0, 80);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_to_the_right_and_words_to_the_left),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(both_ends_of_a_name_are_kept),
        cmocka_unit_test(what_a_terminal_would_act_upon_is_not_printed),
        cmocka_unit_test(without_rows_there_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
