/* Whatever is in a name, it is text in a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/write/html/text.h"

static void expect(const char *text, const char *written)
{
    char *result = NULL;
    size_t size;
    FILE *stream = open_memstream(&result, &size);
    html_text(stream, text);
    fclose(stream);
    assert_string_equal(result, written);
    free(result);
}

static void markup_is_written_as_references(void **state)
{
    (void)state;
    expect("a<b>&\"'c", "a&lt;b&gt;&amp;&quot;&#39;c");
    expect("</script><!-- ]]>", "&lt;/script&gt;&lt;!-- ]]&gt;");
    expect("&lt;", "&amp;lt;");
    expect("", "");
}

static void letters_of_all_languages_are_kept(void **state)
{
    (void)state;
    expect("größe 数 🙂", "größe 数 🙂");
}

static void what_is_no_text_is_a_question_mark(void **state)
{
    (void)state;
    expect("a\x01\x1b[31m\n\xff\x7f", "a??[31m???");
    expect("\xed\xa0\x80", "???"); /* half of a surrogate pair */
}

static void long_names_are_cut_between_letters(void **state)
{
    (void)state;
    char *name = malloc(20001);
    char *result = NULL;
    size_t size;
    for (size_t i = 0; i < 20000; i += 2)
        memcpy(name + i, "ö", 2);
    name[20000] = '\0';
    FILE *stream = open_memstream(&result, &size);
    html_text(stream, name);
    fclose(stream);
    assert_true(size > 1000 && size < 20000 && size % 2 == 0);
    assert_null(strchr(result, '?'));
    free(result);
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_written_as_references),
        cmocka_unit_test(letters_of_all_languages_are_kept),
        cmocka_unit_test(what_is_no_text_is_a_question_mark),
        cmocka_unit_test(long_names_are_cut_between_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
