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

/* What the times come to is test_run_times.c's: here is how often each side ran. */
static void test_several_workloads_and_sides(void **state)
{
    char *words[] = {"sh", "-c", ":", NULL};
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
    for (int side = 0; side < 3; side++) {
        request.paths[side] = "/bin/sh";
        request.names[side] = "nothing";
        workloads[0].arguments[side] = workloads[1].arguments[side] = words;
    }
    assert_true(measure_run(&request, &report, &error));
    assert_true(report.same);
    assert_int_equal(report.pairs, 6);
    assert_int_equal(report.runs, 2 * (4 + 4 * 6));
    for (int side = 0; side < 3; side++) {
        assert_true(report.all.cpu[side].has_interval);
        assert_true(report.workloads[1].wall[side].value > 0);
    }
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
