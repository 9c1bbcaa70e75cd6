/* Which candidates the release checklist of cycle lets through, on recorded measurements. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/cycle/checklist.h"
#include "bolt-bridge/process/temporary.h"

#define MIB (UINT64_C(1) << 20)

static struct cycle_request request;
static struct cycle cycle;
static struct checklist checklist;

static void make_file(const char *name, char path[PATH_MAX], size_t size)
{
    struct error error;
    assert_true(temporary_path(name, path, &error));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc('x', file);
    fclose(file);
}

static struct measure_row row_of(double ratio, enum paired_verdict verdict)
{
    return (struct measure_row){
        .value = 1,
        .has_interval = true,
        .interval = {.ratio = ratio, .low = ratio * 0.99, .high = ratio * 1.01, .pairs = 12},
        .verdict = verdict};
}

/* A candidate by BOLT that is 10 % faster and has nothing against it. */
static int begin(void **state)
{
    (void)state;
    request =
        (struct cycle_request){.size_limit = -1, .memory_limit = 0.1, .test_command = "make check"};
    memset(&cycle, 0, sizeof(cycle));
    cycle.request = &request;
    cycle.tested = cycle.tests_passed = cycle.compared = cycle.has_relinked = true;
    make_file("plain", cycle.plain.path, 100000);
    make_file("profile", cycle.plain.profile, 20000);
    make_file("relinked", cycle.relinked, 150000);
    cycle.candidate = cycle.relinked;
    cycle.plain.own_samples = 50000;
    cycle.plain.recordings = 6;
    cycle.plain.is_judged = true;
    snprintf(cycle.plain.archive, PATH_MAX, "archived");
    cycle.comparison.same = true;
    cycle.comparison.all.cpu[MEASURE_B] = row_of(0.9, PAIRED_FASTER);
    cycle.comparison.all.peak_bytes[MEASURE_A] = 100 * MIB;
    cycle.comparison.all.peak_bytes[MEASURE_B] = 105 * MIB;
    return 0;
}

static void expect(const char *reason, const char *strict_reason)
{
    checklist_make(&checklist, &cycle);
    const char *found = checklist_failure(&checklist, false);
    const char *strict = checklist_failure(&checklist, true);
    assert_string_equal(found ? found : "", reason ? reason : "");
    assert_string_equal(strict ? strict : "", strict_reason ? strict_reason : "");
}

static enum verdict verdict_on(const char *name)
{
    for (size_t i = 0; i < checklist.count; i++)
        if (strcmp(checklist.items[i].name, name) == 0)
            return checklist.items[i].verdict;
    fail_msg("nothing about %s", name);
    return VERDICT_FAIL;
}

static void a_faster_candidate_passes(void **state)
{
    (void)state;
    expect(NULL, NULL);
    assert_int_equal(checklist.count, 9);
    for (size_t i = 0; i < checklist.count; i++)
        assert_int_equal(checklist.items[i].verdict, VERDICT_OK);
}

static void one_that_gains_nothing_is_refused(void **state)
{
    (void)state;
    cycle.comparison.all.cpu[MEASURE_B] = row_of(2.01, PAIRED_SLOWER);
    expect("it is slower", "it is slower");
    request.accept_equal = true;
    expect("it is slower", "it is slower");
    cycle.comparison.all.cpu[MEASURE_B] = row_of(0.999, PAIRED_NO_DIFFERENCE);
    expect(NULL, "it is not faster");
    assert_int_equal(verdict_on("gain"), VERDICT_WEAK);
    request.accept_equal = false;
    expect("it is not faster", "it is not faster");
}

/* Counts have the word where times cannot tell, and only there. */
static void where_times_cannot_tell_counts_decide(void **state)
{
    (void)state;
    struct count_judgement *judgement = &cycle.counted.judgement;
    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        judgement->ratios[kind] = 0.9;
    cycle.has_counts = true;
    cycle.comparison.all.cpu[MEASURE_B] = row_of(1.002, PAIRED_NO_DIFFERENCE);
    judgement->verdict = COUNTS_BETTER;
    expect(NULL, NULL);
    judgement->verdict = COUNTS_EQUAL;
    expect("it is not faster", "it is not faster");
    request.accept_equal = true;
    expect(NULL, "it is not faster");
    judgement->verdict = COUNTS_WORSE;
    expect("it is worse by counts", "it is worse by counts");
    cycle.comparison.all.cpu[MEASURE_B] = row_of(1.05, PAIRED_SLOWER);
    judgement->verdict = COUNTS_BETTER;
    expect("it is slower", "it is slower");
}

/* Of a rebuilt and a relinked program the last one is the candidate. */
static void the_last_side_is_judged(void **state)
{
    (void)state;
    cycle.has_rebuilt = true;
    cycle.comparison.all.cpu[MEASURE_C] = row_of(1.2, PAIRED_SLOWER);
    cycle.comparison.all.peak_bytes[MEASURE_C] = 100 * MIB;
    expect("it is slower", "it is slower");
}

static void one_that_behaves_differently_is_not_measured(void **state)
{
    (void)state;
    cycle.comparison.same = false;
    snprintf(cycle.comparison.difference, sizeof(cycle.comparison.difference), "its output is");
    expect("it behaves differently", "it behaves differently");
    assert_int_equal(verdict_on("behaviour"), VERDICT_FAIL);
    assert_int_equal(checklist.count, 7); /* neither gain nor memory */
}

static void failed_tests_refuse_and_missing_ones_are_weak(void **state)
{
    (void)state;
    cycle.tests_passed = cycle.compared = false;
    expect("the tests failed with it", "the tests failed with it");
    cycle.tested = false;
    cycle.compared = true;
    expect(NULL, "its tests were not run");
}

static void size_and_memory_have_limits(void **state)
{
    (void)state;
    cycle.comparison.all.peak_bytes[MEASURE_B] = 115 * MIB; /* 10 % and 4 MiB are 114 */
    expect("it takes more memory", "it takes more memory");
    cycle.comparison.all.peak_bytes[MEASURE_B] = 113 * MIB;
    request.size_limit = 0.49;
    expect("it is too large", "it is too large");
    request.size_limit = 0.5;
    expect(NULL, NULL);
}

/* Without BOLT: some inlined code is more than 5 % of 29 KiB. */
static void small_rebuilt_programs_may_grow_by_some_code(void **state)
{
    (void)state;
    cycle.has_relinked = false;
    cycle.candidate = cycle.rebuilt.path;
    cycle.has_rebuilt = true;
    make_file("plain", cycle.plain.path, 29000);
    make_file("rebuilt", cycle.rebuilt.path, 31000);
    expect(NULL, NULL);
    make_file("rebuilt", cycle.rebuilt.path, 29000 + 29000 / 20 + (64 << 10) + 1);
    expect("it is too large", "it is too large");
}

static void weak_profiles_are_for_strict_alone(void **state)
{
    (void)state;
    cycle.plain.coverage_verdict = VERDICT_WEAK;
    expect(NULL, NULL);
    cycle.plain.coverage_verdict = VERDICT_FAIL;
    expect(NULL, "the profile covers too little");
    cycle.plain.is_judged = false;
    expect(NULL, "the coverage is not known");
    begin(NULL);
    make_file("profile", cycle.plain.profile, 4000);
    expect(NULL, "the profile is small");
    begin(NULL);
    cycle.plain.archive[0] = '\0';
    expect(NULL, "the profile is not archived");
    cycle.plain.damaged = 1;
    expect("recordings are damaged", "recordings are damaged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_faster_candidate_passes, begin),
        cmocka_unit_test_setup(one_that_gains_nothing_is_refused, begin),
        cmocka_unit_test_setup(where_times_cannot_tell_counts_decide, begin),
        cmocka_unit_test_setup(the_last_side_is_judged, begin),
        cmocka_unit_test_setup(one_that_behaves_differently_is_not_measured, begin),
        cmocka_unit_test_setup(failed_tests_refuse_and_missing_ones_are_weak, begin),
        cmocka_unit_test_setup(size_and_memory_have_limits, begin),
        cmocka_unit_test_setup(small_rebuilt_programs_may_grow_by_some_code, begin),
        cmocka_unit_test_setup(weak_profiles_are_for_strict_alone, begin),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_clean();
    return failures;
}
