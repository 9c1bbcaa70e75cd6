/* Corrected counts: read, merged, written and applied as the weights say; old files have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/count.h"
#include "analyzer/base/output.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

#define ONE ((uint64_t)PGORAW_WEIGHT_ONE)

static struct error error;

static uint64_t at(uint64_t address)
{
    return PGORAW_LOCATION(1, address);
}

/* Two branches, passed 100 and 10 times; their weights sum up to `first` and `second`. */
static const char *write_file(const char *name, uint64_t first, uint64_t second, uint64_t windows,
                              uint64_t weighed)
{
    const char *path = temporary_path(name);
    struct raw_builder *builder = raw_builder_new();
    raw_builder_module(builder, "/usr/bin/app", PGORAW_MODULE_MAIN, 0x1000, 0x9000, "\x12", 1);
    raw_builder_header(builder)->counters[PGORAW_COUNT_WINDOWS] = windows;
    raw_builder_header(builder)->counters[PGORAW_COUNT_WINDOWS_WEIGHED] = weighed;
    raw_builder_trace(builder, at(0x1100), at(0x1200), 8, 100);
    raw_builder_weighted(builder, first);
    raw_builder_trace(builder, at(0x1300), at(0x1400), 8, 10);
    raw_builder_weighted(builder, second);
    raw_builder_write(builder, path);
    raw_builder_free(builder);
    return path;
}

static struct profile *read_file(const char *path)
{
    struct profile *profile = profile_new(&error);
    assert_non_null(profile);
    if (!profile_read(path, profile, &error))
        fail_msg("%s: %s", error.subject, error.detail);
    assert_true(profile_normalise(profile, &error));
    return profile;
}

static void expect_counts(struct profile *profile, uint64_t first, uint64_t second)
{
    assert_int_equal(profile->trace_count, 2);
    assert_int_equal(profile->traces[0].count, first);
    assert_int_equal(profile->traces[1].count, second);
}

static void counts_stay_raw_until_they_are_corrected(void **unused)
{
    (void)unused;
    struct profile *profile = read_file(write_file("one.pgoraw", 40 * ONE, 25 * ONE, 1, 0));
    expect_counts(profile, 100, 10);
    assert_true(correction_is_known(profile));
    correction_apply(profile);
    expect_counts(profile, 40, 25);
    correction_apply(profile); /* once is enough */
    expect_counts(profile, 40, 25);
    profile_free(profile);
}

static void corrected_counts_are_rounded_and_never_vanish(void **unused)
{
    (void)unused;
    struct profile *profile =
        read_file(write_file("small.pgoraw", 40 * ONE + ONE / 2, ONE / 100, 1, 0));
    correction_apply(profile);
    expect_counts(profile, 41, 1);
    profile_free(profile);
}

static void merging_adds_corrections_up(void **unused)
{
    (void)unused;
    struct profile *sum = profile_new(&error);
    struct profile *a = read_file(write_file("a.pgoraw", 40 * ONE, 25 * ONE, 1, 0));
    struct profile *b = read_file(write_file("b.pgoraw", 130 * ONE, 7 * ONE + ONE / 2, 1, 0));
    assert_true(profile_merge(sum, a, 3, &error) && profile_merge(sum, b, 1, &error));
    assert_true(profile_normalise(sum, &error));
    expect_counts(sum, 400, 40);
    correction_apply(sum);
    expect_counts(sum, 3 * 40 + 130, 3 * 25 + 8);
    profile_free(a);
    profile_free(b);
    profile_free(sum);
}

static bool write_again(FILE *stream, void *profile, struct error *failed)
{
    return writer_write(writer_find("raw"), profile, NULL, stream, failed);
}

static void a_merged_file_has_the_corrections(void **unused)
{
    (void)unused;
    const char *again = temporary_path("again.pgoraw");
    struct profile *profile =
        read_file(write_file("before.pgoraw", 40 * ONE + 77, 25 * ONE, 9000, 5000));
    assert_true(output_write_file(again, false, write_again, profile, &error));
    profile_free(profile);
    profile = read_file(again);
    expect_counts(profile, 100, 10);
    assert_int_equal(profile->traces[0].correction, 77 - 60 * (int64_t)ONE);
    assert_true(correction_is_sound(profile));
    correction_apply(profile);
    expect_counts(profile, 40, 25);
    profile_free(profile);
}

static void files_from_before_there_were_weights_count_as_they_are(void **unused)
{
    (void)unused;
    const char *path = temporary_path("old.pgoraw");
    struct raw_builder *builder = raw_builder_new();
    raw_builder_unweighed(builder);
    raw_builder_module(builder, "/usr/bin/app", PGORAW_MODULE_MAIN, 0x1000, 0x9000, "\x12", 1);
    raw_builder_trace(builder, at(0x1100), at(0x1200), 8, 100);
    raw_builder_trace(builder, at(0x1300), at(0x1400), 8, 10);
    raw_builder_write(builder, path);
    raw_builder_free(builder);
    struct profile *old = read_file(path);
    expect_counts(old, 100, 10);
    assert_false(correction_is_known(old));
    assert_false(correction_is_sound(old));

    /* With one that has weights: each keeps its own. */
    struct profile *weighed = read_file(write_file("new.pgoraw", 40 * ONE, 25 * ONE, 1, 0));
    assert_true(profile_merge(old, weighed, 1, &error) && profile_normalise(old, &error));
    correction_apply(old);
    expect_counts(old, 140, 35);
    profile_free(weighed);
    profile_free(old);
}

static void auto_waits_until_half_of_the_windows_are_well_weighed(void **unused)
{
    static const struct {
        uint64_t windows, weighed;
        bool sound;
    } cases[] = {{3000, 0, false},        {4001, 1, false},
                 {7998, 3998, false},     {8000, 4000, true},
                 {100000, 96000, true},   {0, 0, false},
                 {UINT64_MAX, 10, false}, {UINT64_MAX, UINT64_MAX / 2 + 100, true}};
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct profile *profile = read_file(
            write_file("case.pgoraw", 40 * ONE, 25 * ONE, cases[i].windows, cases[i].weighed));
        assert_int_equal(correction_is_sound(profile), cases[i].sound);
        profile_free(profile);
    }
}

static void counts_at_the_ends_of_their_type_stay_inside(void **unused)
{
    (void)unused;
    assert_int_equal(correction_from_weights(UINT64_MAX, 5), 0);
    assert_int_equal(correction_from_weights(5, UINT64_MAX), 0);
    assert_true(correction_to_weights(UINT64_MAX, -5) == UINT64_MAX);
    assert_int_equal(correction_to_weights(1, -(int64_t)ONE - 1), 0);
    assert_true(count_add_signed(INT64_MAX, 1) == INT64_MAX);
    assert_true(count_add_signed(INT64_MIN, -1) == INT64_MIN);
    assert_true(count_multiply_signed(INT64_MIN, 2) == INT64_MIN);
    assert_true(count_multiply_signed(2, UINT64_MAX) == INT64_MAX);
    assert_true(count_multiply_signed(-2, UINT64_MAX) == INT64_MIN);
}

static void kinds_of_counts_have_their_names(void **unused)
{
    enum correction_wanted wanted;
    (void)unused;
    assert_true(correction_parse("corrected", &wanted) && wanted == CORRECTION_CORRECTED);
    assert_true(correction_parse("raw", &wanted) && wanted == CORRECTION_RAW);
    assert_true(correction_parse("auto", &wanted) && wanted == CORRECTION_AUTO);
    assert_false(correction_parse("exact", &wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_stay_raw_until_they_are_corrected),
        cmocka_unit_test(corrected_counts_are_rounded_and_never_vanish),
        cmocka_unit_test(merging_adds_corrections_up),
        cmocka_unit_test(a_merged_file_has_the_corrections),
        cmocka_unit_test(files_from_before_there_were_weights_count_as_they_are),
        cmocka_unit_test(auto_waits_until_half_of_the_windows_are_well_weighed),
        cmocka_unit_test(counts_at_the_ends_of_their_type_stay_inside),
        cmocka_unit_test(kinds_of_counts_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
