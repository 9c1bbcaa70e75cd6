/* Text by address, as perf2bolt, llvm-profgen and create_llvm_prof read it: becomes a profile. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/output.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "tests/support/profile_text.h"
#include "tests/support/temporary.h"
#include "tests/unit/analyzer/walk.h"

static struct error error;

static void every_preaggregated_record_becomes_what_it_says(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read("# a comment\n"
                                                "E cycles\n"
                                                "T 1010 1100 1120 7\n"
                                                "R 1020 1200 1220 6\n"
                                                "R X:0 1300 1320 5\n"
                                                "B 1030 1400 4 1\n"
                                                "B 1040 X:0 3 0\n"
                                                "F 1500 1520 2\n"
                                                "f 1600 1620 9\n"
                                                "r 0x1700 0x1720 8\n"
                                                "\n"
                                                "S 1800 18446744073709551615\n"
                                                "T 1010 1100 1120 10",
                                                &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 9);
    assert_int_equal(profile_text_count(profile, 0x1010, 0x1100, 0x1120), 17);
    assert_int_equal(profile_text_count(profile, 0x1020, 0x1200, 0x1220), 6);
    assert_int_equal(profile_text_count(profile, 0, 0x1300, 0x1320), 5);
    assert_int_equal(profile_text_count(profile, 0x1030, 0x1400, PROFILE_TEXT_NONE), 4);
    assert_int_equal(profile_text_count(profile, 0x1040, 0, PROFILE_TEXT_NONE), 3);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1500, 0x1520), 2);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1600, 0x1620), 9);
    assert_int_equal(profile_text_count(profile, 0, 0x1700, 0x1720), 8);
    assert_true(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1800, PROFILE_TEXT_NONE) ==
                UINT64_MAX);
    assert_true(module_is_unnamed(&profile->modules[0]));
    profile_free(profile);
}

/* Editors of Windows put a mark before text and end lines with two bytes. */
static void marks_and_line_ends_of_windows_are_no_part_of_the_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "B 1010 1000 5 0\r\n",
        "0\r\n1\r\n1010->1000:5\r\n",
        "0\r\n0\r\n1\r\n1010->1000:5\r\n",
        ("            1000 0x1010/0x1000/P/-/-/0 \r\n  0x1010/0x1000/P/-/-/0 "
         "0x1010/0x1000/P/-/-/0 0x1010/0x1000/P/-/-/0 0x1010/0x1000/P/-/-/0\r\n"),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        char text[1024];
        snprintf(text, sizeof(text), "\xef\xbb\xbf%s", texts[i]);
        struct profile *profile = profile_text_read(text, &error);
        if (!profile)
            fail_msg("%s: %s", texts[i], error.detail);
        uint64_t count = 0;
        for (size_t j = 0; j < profile->trace_count; j++)
            count += profile->traces[j].from.address == 0x1010 ? profile->traces[j].count : 0;
        assert_int_equal(count, 5);
        profile_free(profile);
    }
}

static void build_ids_before_addresses_tell_modules_apart(void **state)
{
    (void)state;
    struct profile *profile =
        profile_text_read("B 1010 0badcafe01:2020 4 0\nB 0badcafe02:2020 1100 3 0\n", &error);
    assert_non_null(profile);
    assert_int_equal(profile->module_count, 3);
    profile_free(profile);
}

static void ranges_branches_and_samples_are_told_apart(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read("2\n1000-1010:5\n1020-1020:6\n"
                                                "2\n1010->1020:3\n1->1000:2\n",
                                                &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 4);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1000, 0x1010), 5);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1020, 0x1020), 6);
    assert_int_equal(profile_text_count(profile, 0x1010, 0x1020, PROFILE_TEXT_NONE), 3);
    assert_int_equal(profile_text_count(profile, 0, 0x1000, PROFILE_TEXT_NONE), 2);
    profile_free(profile);

    profile = profile_text_read("1\n1000-1010:5\n1\n1008:4\n1\n1010->1000:3\n", &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 3);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1008, PROFILE_TEXT_NONE), 4);
    profile_free(profile);

    /* As simpleperf inject writes it. */
    profile = profile_text_read(
        "1\n1000-1010:5\n0\n1\n1010->1000:3\n// build_id: 0x00\n// /a/b\n\n", &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 2);
    profile_free(profile);

    profile = profile_text_read("0\n0\n1\n1010->1000:3\n", &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 1);
    profile_free(profile);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"T 10 20 30 1\nQ 10 20 30 1\n", "line 2: 'Q' is not a record"},
        {"T 10 20 30\n", "line 1: expected a count"},
        {"T 10 20 30 -1\n", "line 1: expected a count"},
        {"T 10 20 30 18446744073709551616\n", "line 1: expected a count"},
        {"\n#\nT 10 30 20 1\n", "line 3: a range from 0x30 back to 0x20"},
        {"T 10 20 30 1 9\n", "line 1: expected the end of the line"},
        {"T zz 20 30 1\n", "line 1: 'zz' is not an address"},
        {"T 10 fffffffffffffffff 30 1\n", "is not an address"},
        {"T 10 1000000000000 1000000000000 1\n", "has more than 48 bits"},
        {"B XYZ:10 20 1 0\n", "'XYZ' is not a build-id"},
        {"S 10\n", "expected a count"},
        {"E a b\n", "expected the name of an event"},
        {"2\n10-20:1\n", "the file ends after 1 of 2 entries"},
        {"1\n10-20:1\n1\n10->20\n", "line 4: expected FROM->TO:COUNT"},
        {"1\n20-10:1\n", "line 2: a range that ends before it starts"},
        {"1\n10-20:1\n1\n10->20:1\n1\n10->20:1\n", "line 5: expected the end of the file"},
        {"1\n10-20:1\n0\n0\n0\n", "line 5: expected the end of the file"},
        {"1\n10-20:1\n0\n0\n// /a/b\n1\n10-20:1\n", "line 6: another binary begins there"},
        {"99999999999999999999\n", "expected how many entries follow"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_null(profile_text_read(cases[i].text, &error));
        assert_int_equal(error.code, ERROR_PROFILE_LINE);
        if (!strstr(error.detail, cases[i].said))
            fail_msg("%s\nsaid: %s", cases[i].text, error.detail);
    }
}

struct job {
    const char *format;
    const struct profile *profile;
    const struct binary *binary;
};

static bool produce(FILE *stream, void *context, struct error *failure)
{
    const struct job *job = context;
    return writer_write(writer_find(job->format), job->profile, job->binary, stream, failure);
}

/* The profile in a format, as text that the caller frees. */
static char *written(const char *format, const struct profile *profile, const struct binary *binary)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct job job = {format, profile, binary};
    if (!produce(stream, &job, &error))
        fail_msg("%s: %s %s", error.subject, error_text(error.code), error.detail);
    fclose(stream);
    return text;
}

/* The text of ranges and branches, with every address lower by `by`. */
static char *moved(const char *text, uint64_t by)
{
    char *copy;
    size_t size;
    FILE *stream = open_memstream(&copy, &size);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        uint64_t from, to, count;
        if (sscanf(line, "%lx->%lx:%lu", &from, &to, &count) == 3)
            fprintf(stream, "%lx->%lx:%lu\n", from == 1 ? 1 : from - by, to - by, count);
        else if (sscanf(line, "%lx-%lx:%lu", &from, &to, &count) == 3)
            fprintf(stream, "%lx-%lx:%lu\n", from - by, to - by, count);
        else
            fprintf(stream, "%.*s\n", (int)strcspn(line, "\n"), line);
    }
    fclose(stream);
    return copy;
}

static struct profile *read_placed(const char *text, const struct binary *binary)
{
    struct profile *profile = profile_text_read(text, &error);
    assert_non_null(profile);
    if (!profile_place(profile, binary, &error))
        fail_msg("%s: %s %s", error.subject, error_text(error.code), error.detail);
    assert_true(profile_normalise(profile, &error));
    return profile;
}

static struct binary *compiled(const char *options)
{
    char command[512];
    const char *program = temporary_path("edges");
    snprintf(command, sizeof(command),
             "gcc -O1 %s -o %s tests/unit/analyzer/programs/edges.c "
             "tests/unit/analyzer/programs/edges_other.c",
             options, program);
    assert_int_equal(system(command), 0);
    struct binary *binary = binary_open(program, &error);
    assert_non_null(binary);
    return binary;
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    struct binary *binary = compiled("-no-pie");
    struct profile *profile = walk_profile(binary, 300);
    char *fdata = written("fdata", profile, binary);
    char *ranges = written("unsymbolized", profile, binary);
    char *preagg = written("preagg", profile, binary);

    struct profile *again = read_placed(preagg, binary);
    char *text = written("fdata", again, binary);
    assert_string_equal(text, fdata);
    free(text);
    profile_free(again);
    again = read_placed(ranges, binary);
    text = written("unsymbolized", again, binary);
    assert_string_equal(text, ranges);
    free(text);
    profile_free(again);
    free(fdata);
    free(ranges);
    free(preagg);
    profile_free(profile);
    binary_free(binary);
}

static void the_base_of_addresses_is_found(void **state)
{
    (void)state;
    struct binary *binary = compiled("-no-pie");
    struct profile *profile = walk_profile(binary, 300);
    char *ranges = written("unsymbolized", profile, binary);
    uint64_t page, bias;
    binary_first_code(binary, &page, &bias);
    const uint64_t bases[] = {binary_first_segment(binary), page, bias};
    for (size_t i = 0; i < 3; i++) {
        char *low = moved(ranges, bases[i]);
        struct profile *again = read_placed(low, binary);
        char *text = written("unsymbolized", again, binary);
        assert_string_equal(text, ranges);
        free(text);
        free(low);
        profile_free(again);
    }
    free(ranges);
    profile_free(profile);
    binary_free(binary);
}

/* Without build-ids: what has the binary's name, in every copy, and not what started it. */
static void copies_are_known_by_their_name(void **state)
{
    (void)state;
    struct binary *binary = compiled("-no-pie");
    const char *name = strrchr(binary_path(binary), '/') + 1;
    uint64_t address = binary_function(binary, 0)->address;
    uint64_t page, bias;
    char text[2048];
    binary_first_code(binary, &page, &bias);
    snprintf(
        text, sizeof(text),
        "a 77 1.0: PERF_RECORD_MMAP2 77/77: [0x40000(0x1000) @ 0 fe:00 1 2]: r-xp /no/wrapper\n"
        "a 77 1.0: PERF_RECORD_MMAP2 77/77: [0x5500000000(0x1000000) @ 0 fe:00 1 2]: r-xp /no/%s\n"
        "a 77 1.0: PERF_RECORD_MMAP2 77/77: [0x6600000000(0x1000000) @ 0 fe:00 1 2]: r-xp "
        "/other/%s\n"
        "a 77 2.0: 1 cycles: %" PRIx64 "\n"
        "a 77 2.0: 1 cycles: %" PRIx64 "\n",
        name, name, 0x5500000000 + address - bias, 0x6600000000 + address - bias);
    struct profile *read = read_placed(text, binary);
    struct profile *profile = profile_new(&error);
    assert_true(profile && profile_merge(profile, read, 1, &error) &&
                profile_normalise(profile, &error));
    profile_free(read);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, address, PROFILE_TEXT_NONE), 2);
    profile_free(profile);
    binary_free(binary);
}

static void another_binary_is_refused(void **state)
{
    (void)state;
    struct binary *binary = compiled("-no-pie");
    struct profile *profile = walk_profile(binary, 300);
    char *ranges = written("unsymbolized", profile, binary);
    char *low = moved(ranges, 0x13);
    const char *const texts[] = {"T 99990010 99990020 99990030 1\n", low};
    for (size_t i = 0; i < 2; i++) {
        struct profile *other = profile_text_read(texts[i], &error);
        assert_false(profile_place(other, binary, &error));
        assert_int_equal(error.code, ERROR_OTHER_BINARY);
        profile_free(other);
    }
    free(low);
    free(ranges);
    profile_free(profile);
    binary_free(binary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preaggregated_record_becomes_what_it_says),
        cmocka_unit_test(marks_and_line_ends_of_windows_are_no_part_of_the_text),
        cmocka_unit_test(build_ids_before_addresses_tell_modules_apart),
        cmocka_unit_test(ranges_branches_and_samples_are_told_apart),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(the_base_of_addresses_is_found),
        cmocka_unit_test(copies_are_known_by_their_name),
        cmocka_unit_test(another_binary_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
