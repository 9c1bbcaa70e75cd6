/* Merging adds up what is the same, whatever order it comes in, and loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/output.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/model/profile/repeats.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "include/pgoshim/raw.h"
#include "tests/support/temporary.h"

static struct error error;

static uint32_t add_module(struct profile *profile, const char *path, const char *build_id)
{
    struct module module = {.path = (char *)path, .build_id_size = (uint32_t)strlen(build_id)};
    uint32_t number;
    memcpy(module.build_id, build_id, module.build_id_size);
    assert_true(profile_add_module(profile, &module, &number, &error));
    return number;
}

static void add_trace(struct profile *profile, uint32_t module, uint64_t from, uint64_t to,
                      uint64_t count)
{
    struct trace trace = {{module, from}, {module, to}, to + 4, true, count, 0};
    assert_true(profile_add_trace(profile, &trace, &error));
}

static uint32_t add_stack(struct profile *profile, uint32_t parent, uint32_t module,
                          uint64_t address, uint64_t count)
{
    struct stack_node node = {parent, false, {module, address}, count};
    assert_true(profile_add_stack(profile, &node, &error));
    return (uint32_t)profile->stack_count;
}

static void add_by_callers(struct profile *profile, uint32_t callers, uint32_t trace,
                           uint64_t count)
{
    struct trace_by_caller item = {callers, trace, count, -(int64_t)count};
    assert_true(traces_by_caller_add(&profile->traces_by_caller, &item, &error));
}

static void add_recording(struct profile *profile, uint64_t start)
{
    uint64_t counters[PGORAW_MAX_COUNTERS] = {[PGORAW_COUNT_SAMPLES] = 10};
    uint64_t origin = start + 100;
    struct recording recording = {.file = "a.pgoraw",
                                  .program = "/usr/bin/app",
                                  .command_line = "app",
                                  .host = "h",
                                  .why = "because",
                                  .sampler = PGORAW_SAMPLER_CPU_CLOCK,
                                  .start_time_ns = start,
                                  .origins = &origin,
                                  .origin_count = 1,
                                  .counters = counters};
    assert_true(profile_add_recording(profile, &recording, &error));
}

/* Two modules and a call tree, numbered one way or the other. */
static struct profile *sample_profile(bool other_order)
{
    struct profile *profile = profile_new(&error);
    uint32_t app, library;
    assert_non_null(profile);
    if (other_order) {
        library = add_module(profile, "/lib/x.so", "22");
        app = add_module(profile, "/usr/bin/app", "1");
        add_trace(profile, library, 8, 9, 1);
        add_trace(profile, app, 1, 2, 10);
        uint32_t outer = add_stack(profile, 0, app, 100, 0);
        uint32_t middle = add_stack(profile, outer, app, 300, 3);
        add_stack(profile, outer, app, 200, 2);
        add_by_callers(profile, add_stack(profile, middle, app, 150, 0), 1, 5);
        add_by_callers(profile, 0, 1, 2);
        add_by_callers(profile, outer, 0, 1);
    } else {
        app = add_module(profile, "/usr/bin/app", "1");
        library = add_module(profile, "/lib/x.so", "22");
        add_trace(profile, app, 1, 2, 4);
        add_trace(profile, app, 1, 2, 6);
        add_trace(profile, library, 8, 9, 1);
        uint32_t outer = add_stack(profile, 0, app, 100, 0);
        add_stack(profile, outer, app, 200, 2);
        uint32_t again = add_stack(profile, 0, app, 100, 0);
        uint32_t middle = add_stack(profile, again, app, 300, 3);
        uint32_t inner = add_stack(profile, middle, app, 150, 0);
        add_by_callers(profile, again, 2, 1);
        add_by_callers(profile, inner, 0, 3);
        add_by_callers(profile, inner, 1, 2);
        add_by_callers(profile, 0, 0, 2);
    }
    add_recording(profile, 5);
    return profile;
}

static bool write_raw(FILE *stream, void *context, struct error *why)
{
    return writer_write(writer_find("raw"), context, NULL, stream, why);
}

/* The whole profile as bytes, by which two are compared. */
static char *as_raw(struct profile *profile, size_t *size)
{
    char *bytes = NULL;
    FILE *stream = open_memstream(&bytes, size);
    assert_true(profile_normalise(profile, &error));
    assert_true(write_raw(stream, profile, &error));
    fclose(stream);
    return bytes;
}

static void assert_same(struct profile *a, struct profile *b)
{
    size_t a_size, b_size;
    char *a_bytes = as_raw(a, &a_size);
    char *b_bytes = as_raw(b, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

static void the_order_of_adding_makes_no_difference(void **state)
{
    (void)state;
    struct profile *a = sample_profile(false);
    struct profile *b = sample_profile(true);
    assert_same(a, b);
    assert_int_equal(a->trace_count, 2);
    assert_int_equal(a->stack_count, 4);
    assert_int_equal(a->traces_by_caller.count, 3);
    profile_free(a);
    profile_free(b);
}

static void the_order_of_merging_makes_no_difference(void **state)
{
    (void)state;
    struct profile *first = sample_profile(false);
    struct profile *second = sample_profile(true);
    struct profile *a = profile_new(&error);
    struct profile *b = profile_new(&error);
    second->recordings[0].start_time_ns = 3;
    assert_true(profile_merge(a, first, 1, &error) && profile_merge(a, second, 2, &error));
    assert_true(profile_merge(b, second, 2, &error) && profile_merge(b, first, 1, &error));
    assert_same(a, b);
    assert_int_equal(a->traces[1].count, 30);
    assert_int_equal(a->stack_count, 4);
    assert_int_equal(a->stacks[1].count, 6);
    assert_int_equal(a->traces_by_caller.count, 3);
    assert_int_equal(a->traces_by_caller.items[2].callers, 4);
    assert_int_equal(a->traces_by_caller.items[2].trace, 1);
    assert_int_equal(a->traces_by_caller.items[2].count, 15);
    assert_int_equal(a->traces_by_caller.items[2].correction, -15);
    assert_int_equal(a->recording_count, 2);
    assert_int_equal(a->recordings[0].start_time_ns, 3);
    profile_free(first);
    profile_free(second);
    profile_free(a);
    profile_free(b);
}

static void modules_are_the_same_by_build_id_and_else_by_path(void **state)
{
    (void)state;
    struct profile *profile = profile_new(&error);
    assert_int_equal(add_module(profile, "/b/app", "12"), 0);
    assert_int_equal(add_module(profile, "/a/app", "12"), 0);
    assert_int_equal(add_module(profile, "/a/app", "34"), 1);
    assert_int_equal(add_module(profile, "/a/app", ""), 2);
    assert_int_equal(add_module(profile, "/a/app", ""), 2);
    assert_int_equal(add_module(profile, "/b/app", ""), 3);
    assert_string_equal(profile->modules[0].path, "/a/app");
    profile_free(profile);
}

static void many_modules_are_found_again(void **state)
{
    (void)state;
    struct profile *profile = profile_new(&error);
    char path[32];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            snprintf(path, sizeof(path), "/lib/%u", i);
            assert_int_equal(add_module(profile, path, ""), i);
        }
    }
    profile_free(profile);
}

static void sums_stop_at_the_largest_number(void **state)
{
    (void)state;
    struct profile *profile = profile_new(&error);
    struct profile *sum = profile_new(&error);
    uint32_t app = add_module(profile, "/app", "1");
    add_trace(profile, app, 1, 2, UINT64_MAX - 1);
    add_trace(profile, app, 1, 2, 7);
    add_trace(profile, app, 1, 3, UINT64_MAX / 2);
    add_stack(profile, 0, app, 1, UINT64_MAX);
    add_stack(profile, 0, app, 1, UINT64_MAX);
    assert_true(profile_merge(sum, profile, 3, &error));
    assert_true(profile_normalise(sum, &error));
    assert_true(sum->traces[0].count == UINT64_MAX);
    assert_true(sum->traces[1].count == UINT64_MAX);
    assert_true(sum->stacks[0].count == UINT64_MAX);
    profile_free(profile);
    profile_free(sum);
}

static void what_has_no_counts_goes(void **state)
{
    (void)state;
    struct profile *profile = profile_new(&error);
    uint32_t app = add_module(profile, "/app", "1");
    add_trace(profile, app, 1, 2, 0);
    uint32_t outer = add_stack(profile, 0, app, 1, 0);
    add_stack(profile, outer, app, 2, 0);
    uint32_t other = add_stack(profile, 0, app, 3, 0);
    add_stack(profile, other, app, 4, 1);
    /* By callers, too: what is left keeps its callers, who need no counts of their own. */
    add_trace(profile, app, 5, 6, 9);
    add_by_callers(profile, outer, 0, 8);
    add_by_callers(profile, other, 1, 0);
    add_by_callers(profile, add_stack(profile, other, app, 2, 0), 1, 9);
    assert_true(profile_normalise(profile, &error));
    assert_int_equal(profile->trace_count, 1);
    assert_int_equal(profile->stack_count, 3);
    assert_int_equal(profile->stacks[1].parent, 1);
    assert_int_equal(profile->traces_by_caller.count, 1);
    assert_int_equal(profile->traces_by_caller.items[0].trace, 0);
    assert_int_equal(
        profile->stacks[profile->traces_by_caller.items[0].callers - 1].location.address, 2);
    profile_free(profile);
}

static void callers_may_follow_their_callees(void **state)
{
    (void)state;
    struct profile *profile = profile_new(&error);
    uint32_t app = add_module(profile, "/app", "1");
    add_stack(profile, 3, app, 30, 1);
    add_stack(profile, 0, app, 10, 0);
    add_stack(profile, 2, app, 20, 5);
    assert_true(profile_normalise(profile, &error));
    assert_int_equal(profile->stack_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(profile->stacks[i].parent, i);
        assert_int_equal(profile->stacks[i].location.address, (i + 1) * 10);
    }
    profile_free(profile);
}

/* A depth that recursion would not survive. */
static void deep_stacks_are_no_trouble(void **state)
{
    (void)state;
    enum { DEPTH = 300000 };
    struct profile *profile = profile_new(&error);
    uint32_t app = add_module(profile, "/app", "1");
    for (uint32_t i = 0; i < DEPTH; i++)
        add_stack(profile, i + 2 <= DEPTH ? i + 2 : 0, app, 7, i == 0);
    assert_true(profile_normalise(profile, &error));
    assert_int_equal(profile->stack_count, DEPTH);
    assert_int_equal(profile->stacks[DEPTH - 1].count, 1);
    profile_free(profile);
}

/* Merging the same again and again takes no more room than once. */
static void merging_takes_room_for_distinct_keys_only(void **state)
{
    (void)state;
    enum { TRACES = 50000, TIMES = 40 };
    struct profile *one = profile_new(&error);
    struct profile *sum = profile_new(&error);
    uint32_t app = add_module(one, "/app", "1");
    for (uint64_t i = 0; i < TRACES; i++)
        add_trace(one, app, i, i + 1, 1);
    for (int i = 0; i < TIMES; i++)
        assert_true(profile_merge(sum, one, 1, &error));
    assert_true(sum->trace_capacity < 8 * TRACES);
    assert_true(profile_normalise(sum, &error));
    assert_int_equal(sum->trace_count, TRACES);
    assert_int_equal(sum->traces[17].count, TIMES);
    profile_free(one);
    profile_free(sum);
}

static void a_merged_file_reads_back_equal(void **state)
{
    (void)state;
    const char *path = temporary_path("merged.pgoraw");
    struct profile *profile = sample_profile(false);
    struct stack_node truncated = {.truncated = true, .count = 8};
    struct trace start = {{PROFILE_MODULE_NONE, 0}, {0, 5}, 0, false, 2, 0};
    struct trace outside = {{PROFILE_MODULE_OUTSIDE, 0x7fff0000}, {0, 5}, 6, true, 2, 0};
    struct profile *read = profile_new(&error);
    assert_true(profile_add_stack(profile, &truncated, &error));
    assert_true(profile_add_trace(profile, &start, &error));
    assert_true(profile_add_trace(profile, &outside, &error));
    assert_true(profile_normalise(profile, &error));
    assert_true(output_write_file(path, false, write_raw, profile, &error));
    assert_true(profile_read(path, read, &error));
    assert_int_equal(read->recordings[0].counters[PGORAW_COUNT_SAMPLES], 10);
    assert_same(profile, read);
    profile_free(profile);
    profile_free(read);
}

static struct profile *profile_of_recordings(uint64_t first, uint64_t second)
{
    struct profile *profile = profile_new(&error);
    assert_non_null(profile);
    struct trace sample = {
        {PROFILE_MODULE_NONE, 0}, {add_module(profile, "/usr/bin/app", "1"), 5}, 0, false, 2, 0};
    assert_true(profile_add_trace(profile, &sample, &error));
    add_recording(profile, first);
    if (second)
        add_recording(profile, second);
    return profile;
}

static void a_recording_in_two_inputs_is_found_however_they_were_merged(void **state)
{
    (void)state;
    const struct recording *first;
    const char *path = temporary_path("recordings.pgoraw");
    struct profile *both = profile_of_recordings(5, 6);
    struct profile *other = profile_of_recordings(7, 0);
    struct profile *again = profile_of_recordings(6, 0);
    struct profile *read = profile_new(&error);
    assert_null(profile_find_repeat(both, &first));
    assert_true(profile_normalise(both, &error));
    if (!output_write_file(path, true, write_raw, both, &error))
        fail_msg("%s %s", error.subject, error.detail);
    assert_true(profile_read(path, read, &error));
    assert_int_equal(read->recording_count, 1);
    assert_int_equal(read->recordings[0].origin_count, 2);
    assert_true(profile_merge(read, other, 1, &error));
    assert_null(profile_find_repeat(read, &first));
    assert_true(profile_merge(read, again, 1, &error));
    assert_ptr_equal(profile_find_repeat(read, &first), &read->recordings[2]);
    assert_ptr_equal(first, &read->recordings[0]);
    profile_free(both);
    profile_free(other);
    profile_free(again);
    profile_free(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(the_order_of_adding_makes_no_difference),
        cmocka_unit_test(the_order_of_merging_makes_no_difference),
        cmocka_unit_test(modules_are_the_same_by_build_id_and_else_by_path),
        cmocka_unit_test(many_modules_are_found_again),
        cmocka_unit_test(sums_stop_at_the_largest_number),
        cmocka_unit_test(what_has_no_counts_goes),
        cmocka_unit_test(callers_may_follow_their_callees),
        cmocka_unit_test(deep_stacks_are_no_trouble),
        cmocka_unit_test(merging_takes_room_for_distinct_keys_only),
        cmocka_unit_test(a_merged_file_reads_back_equal),
        cmocka_unit_test(a_recording_in_two_inputs_is_found_however_they_were_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
