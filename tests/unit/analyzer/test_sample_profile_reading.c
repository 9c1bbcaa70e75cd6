/* LLVM's sample profiles: what is read is written back, and damage is told with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/samples/sample_order.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/llvm.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

static struct error error;

static bool read_bytes(const void *bytes, size_t size, struct sample_profile *samples)
{
    const char *path = temporary_path("profile.prof");
    raw_builder_write_bytes(path, bytes, size);
    error = (struct error){0};
    *samples = (struct sample_profile){0};
    return sample_profile_read(path, samples, &error);
}

static bool read_text(const char *text, struct sample_profile *samples)
{
    return read_bytes(text, strlen(text), samples);
}

static char *written(struct sample_profile *samples, bool as_text, size_t *size)
{
    char *bytes;
    FILE *stream = open_memstream(&bytes, size);
    sample_profile_sort(samples);
    if (as_text)
        sample_profile_write_text(samples, stream);
    else
        assert_true(sample_profile_write_ext(samples, stream, &error));
    fclose(stream);
    return bytes;
}

static const char *const texts[] = {
    "main:184019:0\n"
    " 4: 534\n"
    " 4.2: 534\n"
    " 5: 1075\n"
    " 6: 2080 _Z3bari:1471 _Z3fooi:631\n"
    " 10: inline1:1000\n"
    "  1: 1000\n"
    "  2.65537: inline2:200\n"
    "   1: 18446744073709551615\n"
    "other:3:1\n"
    " 65535: 3\n",
    "std::map<int, f(char *)>::operator new(x):5:1\n"
    " 1: 5 a::b<c *>:4 operator()::x y:1\n"
    " 2: g<a :: b>:9\n"
    "  1: 9\n",
    "main:9:1\n 1: 9\n !CFGChecksum: 7\n !Attributes: 3\n",
    "[main:3 @ f:1.2 @ g]:9:1\n 1: 9\n[main:20 @ f]:8:1\n 1: 8\n[main:3 @ f]:8:1\n 1: 8\n",
    "4711:9:1\n 1: 9 815:3\n",
    "main:9:1\n 1: 9\n !Flat\n",
};

static void text_writes_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct sample_profile samples;
        size_t size;
        if (!read_text(texts[i], &samples))
            fail_msg("%s: %s", error.subject, error.detail);
        char *text = written(&samples, true, &size);
        if (i == 3) /* chains of callers are in the order of their numbers, not of their digits */
            assert_string_equal(text, "[main:3 @ f:1.2 @ g]:9:1\n 1: 9\n"
                                      "[main:3 @ f]:8:1\n 1: 8\n"
                                      "[main:20 @ f]:8:1\n 1: 8\n");
        else
            assert_string_equal(text, texts[i]);
        free(text);
        sample_profile_free(&samples);
    }
}

static void the_binary_form_loses_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct sample_profile samples;
        size_t size, text_size;
        assert_true(read_text(texts[i], &samples));
        char *text = written(&samples, true, &text_size);
        char *bytes = written(&samples, false, &size);
        sample_profile_free(&samples);
        if (!read_bytes(bytes, size, &samples))
            fail_msg("%s: %s", error.subject, error.detail);
        char *again = written(&samples, true, &text_size);
        assert_string_equal(again, text);
        sample_profile_free(&samples);
        free(text);
        free(bytes);
        free(again);
    }
}

static void functions_named_twice_are_one(void **state)
{
    struct sample_profile samples;
    size_t size;
    (void)state;
    assert_true(read_text("f:5:1\n 1: 2 g:1\n 2: h:3\n  1: 3\ng:1:1\nf:5:1\n 1: 2 g:1\n 2: h:3\n"
                          "  1: 3\n",
                          &samples));
    char *text = written(&samples, true, &size);
    assert_string_equal(text, "f:10:2\n 1: 4 g:2\n 2: h:6\n  1: 6\ng:1:1\n");
    free(text);
    sample_profile_free(&samples);
}

static void what_is_wrong_in_text_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"f:5:1\ng:5\n", "line 2: expected NAME:TOTAL:HEAD"},
        {"f:5:1\n:5:1\n", "line 2: expected NAME:TOTAL:HEAD"},
        {"f:18446744073709551616:1\n", "line 1: expected NAME:TOTAL:HEAD"},
        {"f:5:1\n 1 5\n", "line 2: expected OFFSET:"},
        {"f:5:1\n 65536: 5\n", "line 2: line offset 65536 is above 65535"},
        {"f:5:1\n 1.4294967296: 5\n", "line 2: discriminator 4294967296"},
        {"f:5:1\n 1: 18446744073709551616\n", "line 2: expected a count below 2^64"},
        {"f:5:1\n 1: 5 g\n", "line 2: expected CALLEE:COUNT"},
        {"f:5:1\n 1: g\n", "line 2: expected a count or NAME:TOTAL"},
        {"f:5:1\n   1: 5\n", "line 2: 3 blanks before it, in no more than 1 functions"},
        {"f:5:1\n !Something: 5\n", "line 2: '!Something: 5' is not metadata"},
        {"f:5:1\n !Attributes: 4294967296\n", "is not metadata"},
        {"f:5:1\n 1: <vtables a:1\n", "counts of the types of objects are not supported"},
        {"f:5:1\n[a:1 @ b]:5:1\n", "line 2: only some functions have callers"},
        {"[a:1 @ b:5:1\n", "line 1: expected ']'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct sample_profile samples;
        assert_false(read_text(cases[i].text, &samples));
        assert_int_equal(error.code, ERROR_PROFILE_LINE);
        if (!strstr(error.detail, cases[i].said))
            fail_msg("%s\nsaid: %s", cases[i].text, error.detail);
        sample_profile_free(&samples);
    }
}

static void functions_inlined_without_end_are_refused(void **state)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct sample_profile samples;
    (void)state;
    fputs("f:5:1\n", stream);
    for (int depth = 1; depth <= SAMPLE_DEPTH_LIMIT; depth++)
        fprintf(stream, "%*s1: f:5\n", depth, "");
    fclose(stream);
    assert_false(read_text(text, &samples));
    assert_non_null(strstr(error.detail, "inlined into one another 1000 deep"));
    sample_profile_free(&samples);
    free(text);
}

/* Every cut and every changed byte is read or refused, and nothing worse. */
static void a_damaged_binary_form_does_no_harm(void **state)
{
    struct sample_profile samples;
    size_t size;
    size_t refused = 0;
    (void)state;
    assert_true(read_text(texts[0], &samples));
    char *bytes = written(&samples, false, &size);
    sample_profile_free(&samples);
    for (size_t cut = 9; cut < size; cut++) {
        refused += !read_bytes(bytes, cut, &samples);
        sample_profile_free(&samples);
    }
    assert_true(refused + 40 > size - 9); /* what is last, nobody has to read */
    for (size_t i = 9; i < size; i++) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            if (!read_bytes(bytes, size, &samples))
                assert_true(*error.subject && error.code != ERROR_NONE);
            sample_profile_free(&samples);
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
        }
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_writes_back_the_same),
        cmocka_unit_test(the_binary_form_loses_nothing),
        cmocka_unit_test(functions_named_twice_are_one),
        cmocka_unit_test(what_is_wrong_in_text_is_told_with_its_line),
        cmocka_unit_test(functions_inlined_without_end_are_refused),
        cmocka_unit_test(a_damaged_binary_form_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
