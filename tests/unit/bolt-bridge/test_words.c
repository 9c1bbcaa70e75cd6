/* Lines split into words as a shell does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/verbs/words.h"

/* The words of a line, each in parentheses; patterns in brackets, as glob(3) takes them. */
static void expect_words(const char *text, const char *expected)
{
    char line[128], pattern[2 * sizeof(line) + 1], all[256] = "";
    char *rest = line;
    struct word word;

    snprintf(line, sizeof(line), "%s", text);
    while (word_next(&rest, pattern, &word)) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof(all) - used, word.is_pattern ? "[%s]" : "(%s)",
                 word.is_pattern ? pattern : word.text);
    }
    assert_string_equal(all, expected);
}

static struct word first_of(const char *text)
{
    static char line[128];
    char pattern[2 * sizeof(line) + 1], *rest = line;
    struct word word;

    snprintf(line, sizeof(line), "%s", text);
    assert_true(word_next(&rest, pattern, &word));
    return word;
}

static void test_quotes(void **state)
{
    (void)state;
    expect_words("", "");
    expect_words("  \t ", "");
    expect_words("a b", "(a)(b)");
    expect_words(" a  'b c' d\\ e \"f g\"h ''", "(a)(b c)(d e)(f gh)()");
    expect_words("'\\' \"\\\"\" \\\\", "(\\)(\")(\\)");
    assert_true(first_of("'a b").is_unfinished);
    assert_false(first_of("'a b'").is_unfinished);
}

static void test_patterns(void **state)
{
    (void)state;
    expect_words("*.log '*.log' \\*.log a?b[0-9]", "[*.log](*.log)(*.log)[a?b[0-9]]");
    expect_words("'a*'*", "[a\\**]"); /* what is quoted stands for itself there too */
    expect_words("'\\'?", "[\\\\?]");
}

static void test_what_is_for_a_shell(void **state)
{
    (void)state;
    const struct {
        const char *line;
        char mark;
    } lines[] = {
        {"|", '|'},      {"a;b", ';'},    {"a&b", '&'},       {">out", '>'},   {"2>out", '>'},
        {"$HOME", '$'},  {"${x}", '$'},   {"$(date)", '$'},   {"`date`", '`'}, {"~", '~'},
        {"~/a", '~'},    {"\"$x\"", '$'}, {"'$x'", '\0'},     {"\\$x", '\0'},  {"end$", '\0'},
        {"a$.*", '\0'},  {"'|'", '\0'},   {"\"a;b\"", '\0'},  {"\\>", '\0'},   {"a~", '\0'},
        {"'~/a'", '\0'}, {"~x", '\0'},    {"'`date`'", '\0'}, {"-a", '\0'},    {"<in", '\0'},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        char found = first_of(lines[i].line).for_shell;
        if (found != lines[i].mark)
            fail_msg("%s: '%c'", lines[i].line, found);
    }
}

static void test_redirection(void **state)
{
    (void)state;
    assert_true(first_of("<in").is_redirected);
    assert_string_equal(first_of("<in").text, "<in");
    assert_false(first_of("'<in'").is_redirected);
    assert_false(first_of("\\<in").is_redirected);
    assert_false(first_of("a<in").is_redirected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_what_is_for_a_shell),
        cmocka_unit_test(test_redirection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
