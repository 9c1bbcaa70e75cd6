/* What counts are made of callgrind's files, and what they say of two programs. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/counting/callgrind_file.h"
#include "bolt-bridge/counting/model.h"
#include "bolt-bridge/counting/verdict.h"
#include "bolt-bridge/process/temporary.h"

static void make_file(const char *text, char path[PATH_MAX])
{
    struct error error;

    assert_true(temporary_path("callgrind.1", path, &error));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct counts counts_of(const char *text, bool expected)
{
    struct counts counts = {0};
    struct error error;
    char path[PATH_MAX];
    bool counted;

    make_file(text, path);
    assert_true(callgrind_file_add(path, &counts, &counted, &error));
    assert_int_equal(counted, expected);
    return counts;
}

/* Two functions of one program and one of a library; the second calls that. */
static const char recorded[] = "version: 1\npositions: instr line\n"
                               "events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\n"
                               "\nob=/bin/app\nfl=app.c\nfn=first\n"
                               "0x401000 3 10 0 0 2\n"
                               "0x401004 3 10 0 0 0 0 0 0 0 0 10 4\n"
                               "jcnd=7/10 0x401000 3\n0x401004 3\n"
                               "0x401040 4 1\n"
                               "jump=5 0x401000 3\n0x401040 4\n"
                               "\nfn=second\n"
                               "0x401044 9 2 1 1 0 1 1\n"
                               "0x402000 9 2\n"
                               "cob=/lib/libc.so\ncfi=c.c\ncfn=called\ncalls=2 0x1000 1\n"
                               "0x402004 9 100 50\n"
                               "\nob=/lib/libc.so\nfl=c.c\nfn=called\n"
                               "0x1000 1 100 50 0 1 3 0 1 1\n"
                               "jcnd=1/4 0x1000 1\n0x1000 1\n"
                               "totals: 125 51 1 3 4 1 1 1 0 10 4 1 1\n";

static void test_all_taken_jumps_and_touched_lines_are_counted(void **state)
{
    (void)state;
    struct counts counts = counts_of(recorded, true);

    assert_int_equal(counts.values[COUNT_INSTRUCTIONS], 125);
    assert_int_equal(counts.values[COUNT_JUMPS], 7 + 5 + 1);
    assert_int_equal(counts.values[COUNT_TAKEN], 7 + 1);
    assert_int_equal(counts.values[COUNT_MISPREDICTED], 5);
    assert_int_equal(counts.values[COUNT_CODE_MISSES], 3);
    assert_int_equal(counts.values[COUNT_DATA_MISSES], 5);
    assert_int_equal(counts.values[COUNT_MEMORY_ACCESS], 2);
    /* 0x401000, 0x401040 in both functions, 0x402000; the same number in another file counts. */
    assert_int_equal(counts.values[COUNT_LINES], 4);
    assert_int_equal(counts.values[COUNT_PAGES], 3);
}

static void test_counts_of_several_processes_add_up(void **state)
{
    (void)state;
    struct counts counts = {0};
    struct error error;
    char path[PATH_MAX];
    bool counted;

    make_file(recorded, path);
    for (int i = 0; i < 2; i++)
        assert_true(callgrind_file_add(path, &counts, &counted, &error));
    assert_int_equal(counts.values[COUNT_INSTRUCTIONS], 250);
    assert_int_equal(counts.values[COUNT_JUMPS], 26);
    assert_int_equal(counts.values[COUNT_LINES], 8);
}

static void test_what_is_no_count_says_so(void **state)
{
    (void)state;
    counts_of("", false);
    counts_of("events: Ir\ntotals: \n", false);
    counts_of("totals: 12\n", false); /* of which event is not said */
    counts_of("\0\377", false);
    counts_of("jcnd=/ \ncalls=\n0x\n0xzz 1 1\nob=\nevents: Ir\ntotals: 5\n", true);
}

static void test_the_model_prices_what_a_layout_changes(void **state)
{
    (void)state;
    const struct counts counts = {.values = {[COUNT_INSTRUCTIONS] = 1000,
                                             [COUNT_JUMPS] = 100,
                                             [COUNT_TAKEN] = 60,
                                             [COUNT_MISPREDICTED] = 5,
                                             [COUNT_CODE_MISSES] = 3,
                                             [COUNT_DATA_MISSES] = 2,
                                             [COUNT_MEMORY_ACCESS] = 1,
                                             [COUNT_LINES] = 77}};

    assert_int_equal(model_cycles(&counts), 1000 + 100 + 50 + 30 + 20 + 100);
}

/* Counts in which the model sees what each is worth: 1000 instructions, and jumps. */
static struct counts counts_with(uint64_t instructions, uint64_t jumps)
{
    struct counts counts = {.values = {[COUNT_INSTRUCTIONS] = instructions, [COUNT_JUMPS] = jumps}};
    counts.values[COUNT_CYCLES] = model_cycles(&counts);
    return counts;
}

static struct count_judgement judge(const struct counts *before, const struct counts *after,
                                    const unsigned *weights, size_t count)
{
    struct count_judgement judgement;
    count_judge(before, after, weights, count, &judgement);
    return judgement;
}

static void test_fewer_cycles_are_better_and_what_is_within_half_a_percent_is_equal(void **state)
{
    (void)state;
    const unsigned weight = 1;
    const struct counts before = counts_with(1000000, 200000);
    const struct {
        struct counts after;
        enum count_verdict verdict;
    } cases[] = {
        {counts_with(1000000, 140000), COUNTS_BETTER}, /* jumps alone */
        {counts_with(1000000, 195000), COUNTS_EQUAL},  {counts_with(1000000, 200000), COUNTS_EQUAL},
        {counts_with(1005000, 200000), COUNTS_EQUAL},  {counts_with(1007000, 200000), COUNTS_WORSE},
        {counts_with(1060000, 100000), COUNTS_BETTER}, /* worth its instructions */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct count_judgement judgement = judge(&before, &cases[i].after, &weight, 1);
        assert_int_equal(judgement.verdict, cases[i].verdict);
    }
}

static void test_cycles_without_taken_jumps_are_those_of_all_else(void **state)
{
    (void)state;
    const unsigned weight = 1;
    const struct counts before = counts_with(1000000, 200000);
    const struct counts fewer_jumps = counts_with(1000000, 100000);
    const struct counts instead = counts_with(1100000, 100000);
    assert_float_equal(judge(&before, &fewer_jumps, &weight, 1).without_jumps, 1, 1e-9);
    assert_float_equal(judge(&before, &instead, &weight, 1).without_jumps, 1.1, 1e-9);
    assert_float_equal(judge(&before, &instead, &weight, 1).ratios[COUNT_CYCLES], 1, 1e-9);
}

static void test_what_gains_at_one_workload_and_loses_at_another_is_not_better(void **state)
{
    (void)state;
    const unsigned equal[] = {1, 1}, mostly_first[] = {9, 1};
    const struct counts before[] = {counts_with(1000, 200), counts_with(1000000, 0)};
    const struct counts after[] = {counts_with(900, 200), counts_with(1020000, 0)};
    struct count_judgement judgement = judge(before, after, equal, 2);
    char text[512];

    assert_int_equal(judgement.verdict, COUNTS_EQUAL);
    assert_true(judgement.worst > 1.019 && judgement.worst < 1.021);
    count_sentence(&judgement, text, sizeof(text));
    assert_non_null(strstr(text, "at one workload model cycles +2.0 %"));
    /* By weight, and not by size. */
    assert_true(judge(before, after, mostly_first, 2).ratios[COUNT_CYCLES] <
                judgement.ratios[COUNT_CYCLES]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_taken_jumps_and_touched_lines_are_counted),
        cmocka_unit_test(test_counts_of_several_processes_add_up),
        cmocka_unit_test(test_what_is_no_count_says_so),
        cmocka_unit_test(test_the_model_prices_what_a_layout_changes),
        cmocka_unit_test(test_fewer_cycles_are_better_and_what_is_within_half_a_percent_is_equal),
        cmocka_unit_test(test_cycles_without_taken_jumps_are_those_of_all_else),
        cmocka_unit_test(test_what_gains_at_one_workload_and_loses_at_another_is_not_better),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_clean();
    return failed;
}
