/* BOLT's fdata: reads, adds up, and writes back the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/read/reader.h"
#include "analyzer/write/fdata.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

static struct error error;

static bool read_text(const char *text, struct symbol_profile *into)
{
    const char *path = temporary_path("profile.fdata");
    raw_builder_write_bytes(path, text, strlen(text));
    error = (struct error){0};
    assert_int_equal(profile_kind_of(path), PROFILE_BY_SYMBOL);
    return symbol_profile_read(path, into, &error);
}

static void check_written(const struct symbol_profile *profile, const char *expected)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    symbol_profile_write(profile, stream);
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void every_kind_of_line_writes_back_the_same(void **state)
{
    static const char *const texts[] = {
        "1 main 1f 1 main 30 2 40\n0 [unknown] 0 1 main 0 0 1\n",
        "1 local/file.c/1 ffffffff 2 other/1 0 0 9223372036854775807\n",
        "1 operator\\ new\\\\x 1 1 f@PLT 0 3 4\n",
        "1 main 1f 1 main 30 2 40\n4 main 10 4 table 20 7\n",
        "4 main 10 4 table 20 7\n",
        "no_lbr cycles:u\n1 main 5 10\n4 main 7 4 sym 10 3\n5 main 7 3 [heap] 10 3\n",
        "no_lbr\nboltedcollection\n1 main 5 10\n4 main 7 4 sym 10 3\n",
        "boltedcollection\n1 main 1f 1 main 30 2 40\n4 main 7 4 sym 10 3\n",
        "no_lbr cycles:u: cpu-clock\n1 main 10 7\n1 main 14 8\n",
        "no_lbr\n1 main 10 7\n",
        "boltedcollection\n1 main 1f 1 main 30 2 40\n",
        "no_lbr cycles\nboltedcollection\n1 main 1f 1\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct symbol_profile profile = {0};
        if (!read_text(texts[i], &profile))
            fail_msg("%s: %s", error.subject, error.detail);
        check_written(&profile, texts[i]);
        symbol_profile_free(&profile);
    }
}

/* llvm-bolt reads headers, code and data in one order; it refuses or loses what comes otherwise. */
static void what_is_written_is_in_llvm_bolts_order(void **state)
{
    static const char *const texts[][2] = {
        {"boltedcollection\nno_lbr cycles\n1 main 1f 1\n",
         "no_lbr cycles\nboltedcollection\n1 main 1f 1\n"},
        {"4 main 10 4 table 20 7\n1 main 1f 1 main 30 2 40\n",
         "1 main 1f 1 main 30 2 40\n4 main 10 4 table 20 7\n"},
        {"no_lbr\n4 main 10 4 table 20 7\n1 main 1f 40\n",
         "no_lbr\n1 main 1f 40\n4 main 10 4 table 20 7\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct symbol_profile profile = {0};
        assert_true(read_text(texts[i][0], &profile));
        check_written(&profile, texts[i][1]);
        symbol_profile_sort(&profile);
        check_written(&profile, texts[i][1]);
        symbol_profile_free(&profile);
    }
}

static void reads_of_data_go_with_branches_and_with_samples(void **state)
{
    static const char *const files[] = {"no_lbr cycles\n1 a 1 1\n", "1 a 1 1 b 2 0 1\n"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct symbol_profile all = {0};
        struct symbol_profile data = {0};
        struct symbol_profile code = {0};
        assert_true(read_text("4 a 10 4 table 20 7\n", &data));
        assert_true(read_text(files[i / 2], &code));
        assert_true(symbol_profile_merge(&all, i % 2 ? &data : &code, 1, "one", &error));
        assert_true(symbol_profile_merge(&all, i % 2 ? &code : &data, 1, "two", &error));
        symbol_profile_sort(&all);
        check_written(&all, i / 2 ? "1 a 1 1 b 2 0 1\n4 a 10 4 table 20 7\n"
                                  : "no_lbr cycles\n1 a 1 1\n4 a 10 4 table 20 7\n");
        symbol_profile_free(&all);
        symbol_profile_free(&data);
        symbol_profile_free(&code);
    }
}

static void counts_and_mispredictions_are_added_up(void **state)
{
    struct symbol_profile all = {0};
    struct symbol_profile one = {0};
    (void)state;
    assert_true(read_text("1 b 1 1 b 2 1 10\n1 a 1 1 b 2 1 10\n1 b 1 1 b 2 1 5\n", &one));
    assert_true(symbol_profile_merge(&all, &one, 1, "one", &error));
    assert_true(symbol_profile_merge(&all, &one, 3, "one", &error));
    symbol_profile_sort(&all);
    check_written(&all, "1 a 1 1 b 2 4 40\n1 b 1 1 b 2 8 60\n");
    assert_int_equal(symbol_profile_total(&all), 100);
    symbol_profile_free(&one);
    symbol_profile_free(&all);
}

static void sums_too_large_stop_at_the_largest(void **state)
{
    struct symbol_profile all = {0};
    (void)state;
    assert_true(read_text("1 a 1 1 b 2 0 18446744073709551615\n1 a 1 1 b 2 0 1\n", &all));
    symbol_profile_sort(&all);
    assert_true(all.records[0].count == UINT64_MAX);
    check_written(&all, "1 a 1 1 b 2 0 9223372036854775807\n");
    symbol_profile_free(&all);
}

static void branches_and_samples_are_not_mixed(void **state)
{
    struct symbol_profile all = {0};
    struct symbol_profile other = {0};
    (void)state;
    assert_true(read_text("1 a 1 1 b 2 0 1\n", &all));
    assert_true(read_text("no_lbr cycles\n1 a 1 1\n", &other));
    assert_false(symbol_profile_merge(&all, &other, 1, "other", &error));
    assert_int_equal(error.code, ERROR_PROFILE_KIND);
    symbol_profile_free(&other);
    assert_true(read_text("boltedcollection\n1 a 1 1 b 2 0 1\n", &other));
    assert_false(symbol_profile_merge(&all, &other, 1, "other", &error));
    symbol_profile_free(&all);
    symbol_profile_free(&other);
}

static void names_of_events_are_joined(void **state)
{
    struct symbol_profile all = {0};
    struct symbol_profile other = {0};
    (void)state;
    assert_true(read_text("no_lbr cycles: branches\n1 a 1 1\n", &all));
    assert_true(read_text("no_lbr cycles cycles:\n1 a 1 1\n", &other));
    assert_true(symbol_profile_merge(&all, &other, 1, "other", &error));
    symbol_profile_sort(&all);
    check_written(&all, "no_lbr cycles: branches cycles\n1 a 1 2\n");
    symbol_profile_free(&all);
    symbol_profile_free(&other);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"1 a 1 1 b 2 0\n", "line 1: expected a count"},
        {"1 a 1 1 b 2 0 1\n1 a 1 1 b\n", "line 2: expected an offset in hexadecimal after 'b'"},
        {"1 a 1 1 b 2 0 1\n\n9 a 1 1 b 2 0 1\n", "line 3: expected a number from 3 to 5"},
        {"1 a 1 4 b 2 0 1\n", "line 1: expected a number from 0 to 2"},
        {"1 a 1 1 b 2 0 18446744073709551616\n", "line 1: expected a count below 2^64"},
        {"1 a 1 1 b 2 0 1 8\n", "line 1: expected the end of the line"},
        {"1 a 10000000000000000 1 b 2 0 1\n", "line 1: expected an offset"},
        {"no_lbr cycles\n1 a 1 1 b 2 0 1\n", "line 2: expected the end of the line"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct symbol_profile profile = {0};
        assert_false(read_text(cases[i].text, &profile));
        assert_int_equal(error.code, ERROR_PROFILE_LINE);
        if (!strstr(error.detail, cases[i].said))
            fail_msg("%s\nsaid: %s", cases[i].text, error.detail);
        symbol_profile_free(&profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_line_writes_back_the_same),
        cmocka_unit_test(what_is_written_is_in_llvm_bolts_order),
        cmocka_unit_test(reads_of_data_go_with_branches_and_with_samples),
        cmocka_unit_test(counts_and_mispredictions_are_added_up),
        cmocka_unit_test(sums_too_large_stop_at_the_largest),
        cmocka_unit_test(branches_and_samples_are_not_mixed),
        cmocka_unit_test(names_of_events_are_joined),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
