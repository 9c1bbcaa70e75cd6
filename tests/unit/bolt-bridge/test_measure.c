/* The engine of compare: how often it runs what, and what it calls the same. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/process/temporary.h"

/* Both sides write what they are into a file that outlives them. */
static void run_counted(struct measure_request *request, struct measure_report *report,
                        char *letters, size_t size)
{
    char path[PATH_MAX], scripts[2][PATH_MAX + 64];
    char *vectors[2][4];
    struct measure_workload workload = {.weight = 1};
    struct error error;

    assert_true(temporary_path("letters", path, &error));
    remove(path);
    for (int i = 0; i < 2; i++) {
        snprintf(scripts[i], sizeof(scripts[i]), "printf %c >>'%s'; echo same", "ab"[i], path);
        vectors[i][0] = "sh";
        vectors[i][1] = "-c";
        vectors[i][2] = scripts[i];
        vectors[i][3] = NULL;
        request->paths[i] = "/bin/sh";
        workload.arguments[i] = vectors[i];
        request->names[i] = i ? "B" : "A";
    }
    request->side_count = 2;
    request->workloads = &workload;
    request->workload_count = 1;
    assert_true(measure_run(request, report, &error));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    letters[fread(letters, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void test_order_without_noise(void **state)
{
    struct measure_request request = {.stopping.pairs = 4};
    struct measure_report report;
    char letters[64];
    (void)state;
    run_counted(&request, &report, letters, sizeof(letters));
    assert_string_equal(letters, "aab"
                                 "abbabaab");
    assert_true(report.same);
    assert_int_equal(report.runs, 11);
    assert_false(report.all.cpu[MEASURE_B].has_interval); /* four pairs are too few */
    assert_true(report.all.cpu[MEASURE_B].interval.ratio > 0);
}

/* Over six rounds B is twice in every place. */
static void test_order_with_noise(void **state)
{
    struct measure_request request = {.stopping.pairs = 6, .noise = true};
    struct measure_report report;
    char letters[64];
    int places[3] = {0};
    (void)state;
    run_counted(&request, &report, letters, sizeof(letters));
    assert_int_equal(strlen(letters), 3 + 18);
    for (int i = 0; i < 18; i++)
        places[i % 3] += letters[3 + i] == 'b';
    for (int i = 0; i < 3; i++)
        assert_int_equal(places[i], 2);
    assert_true(report.all.cpu[MEASURE_A].has_interval);
    assert_true(report.all.cpu[MEASURE_B].has_interval);
    assert_true(report.all.wall[MEASURE_A].value > 0);
    assert_true(report.all.peak_bytes[MEASURE_A] > 0);
}

/* Three sides and two workloads: every pair is of one round, and the mean has the weights. */
static void test_several_workloads_and_sides(void **state)
{
    char *loops[3] = {"2000", "8000", "2000"};
    char *vectors[3][5];
    struct measure_workload workloads[2] = {{.name = "one", .weight = 1},
                                            {.name = "two", .weight = 3}};
    struct measure_request request = {.side_count = 3,
                                      .workloads = workloads,
                                      .workload_count = 2,
                                      .stopping.pairs = 6,
                                      .noise = true};
    struct measure_report report;
    struct error error;
    (void)state;
    for (int i = 0; i < 3; i++) {
        char *words[] = {"sh", "-c", "i=0; while [ $i -lt $0 ]; do i=$((i+1)); done", loops[i],
                         NULL};
        memcpy(vectors[i], words, sizeof(words));
        request.paths[i] = "/bin/sh";
        request.names[i] = "loop";
        workloads[0].arguments[i] = vectors[i];
        workloads[1].arguments[i] = vectors[0]; /* nobody differs there */
    }
    assert_true(measure_run(&request, &report, &error));
    assert_true(report.same);
    assert_int_equal(report.runs, 2 * (4 + 4 * 6));
    double slow = report.workloads[0].cpu[MEASURE_B].interval.ratio;
    double mean = report.all.cpu[MEASURE_B].interval.ratio;
    assert_true(slow > 2);
    /* (ratio * 1 * 1 * 1) ^ (1/4), but for noise. */
    assert_true(mean > 1.1 && mean < 2.5 && mean < slow);
    assert_int_equal(report.workloads[0].cpu[MEASURE_B].verdict, PAIRED_SLOWER);
    assert_true(report.all.cpu[MEASURE_C].interval.ratio < 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_without_noise),
        cmocka_unit_test(test_order_with_noise),
        cmocka_unit_test(test_several_workloads_and_sides),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_clean();
    return failures;
}
