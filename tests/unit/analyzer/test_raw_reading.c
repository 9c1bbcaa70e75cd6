/* Raw profiles become the model's, and what is wrong with one is said with its place. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/read/formats.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

#define APP(address) PGORAW_LOCATION(1, address)
#define LIBRARY(address) PGORAW_LOCATION(2, address)

static struct raw_builder *small_profile(void)
{
    struct raw_builder *builder = raw_builder_new();
    raw_builder_module(builder, "/usr/bin/app", PGORAW_MODULE_MAIN, 0x1000, 0x9000, "\x12\x34", 2);
    raw_builder_module(builder, "/usr/lib/libx.so", 0, 0, 0x5000, NULL, 0);
    raw_builder_trace(builder, APP(0x1100), APP(0x1180), 16, 42);
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, APP(0x1190), 4, 7);
    raw_builder_trace(builder, APP(0x1200), LIBRARY(0x10), PGORAW_NO_RUN, 3);
    uint32_t outer = raw_builder_stack(builder, 0, APP(0x1300), 0);
    raw_builder_stack(builder, outer, APP(0x1400), 5);
    return builder;
}

static struct profile *read_bytes(const void *bytes, size_t size, struct error *error)
{
    const char *path = temporary_path("profile.pgoraw");
    struct profile *profile = profile_new(error);
    raw_builder_write_bytes(path, bytes, size);
    if (reader_raw.read(path, NULL, profile, error))
        return profile;
    profile_free(profile);
    return NULL;
}

static struct profile *read_builder(struct raw_builder *builder, struct error *error)
{
    size_t size;
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    struct profile *profile = read_bytes(bytes, size, error);
    free(bytes);
    raw_builder_free(builder);
    return profile;
}

static struct profile *read_good(struct raw_builder *builder)
{
    struct error error = {0};
    struct profile *profile = read_builder(builder, &error);
    if (!profile)
        fail_msg("%s %s: %s", error.subject, error_text(error.code), error.detail);
    return profile;
}

static void expect_error(struct raw_builder *builder, enum error_code code, const char *detail)
{
    struct error error = {0};
    struct profile *profile = read_builder(builder, &error);
    assert_null(profile);
    assert_int_equal(error.code, code);
    if (!strstr(error.detail, detail))
        fail_msg("\"%s\" says nothing of \"%s\"", error.detail, detail);
    assert_non_null(strstr(error.subject, "profile.pgoraw"));
}

static void everything_that_was_recorded_is_read(void **state)
{
    (void)state;
    struct profile *profile = read_good(small_profile());
    assert_int_equal(profile->module_count, 2);
    assert_string_equal(profile->modules[0].path, "/usr/bin/app");
    assert_true(profile->modules[0].is_main);
    assert_int_equal(profile->modules[0].build_id_size, 2);
    assert_int_equal(profile->modules[0].high_address, 0x9000);
    assert_int_equal(profile->trace_count, 3);
    assert_int_equal(profile->traces[0].from.address, 0x1100);
    assert_int_equal(profile->traces[0].end, 0x1190);
    assert_true(profile->traces[0].has_range);
    assert_int_equal(profile->traces[1].from.module, PROFILE_MODULE_NONE);
    assert_int_equal(profile->traces[2].to.module, 1);
    assert_false(profile->traces[2].has_range);
    assert_int_equal(profile->stack_count, 2);
    assert_int_equal(profile->stacks[1].parent, 1);
    assert_int_equal(profile->stacks[1].count, 5);
    assert_int_equal(profile->recording_count, 1);
    assert_string_equal(profile->recordings[0].program, "/usr/bin/app");
    assert_int_equal(profile->recordings[0].sampler, PGORAW_SAMPLER_CPU_CLOCK);
    assert_int_equal(profile_samples(profile), 7);
    profile_free(profile);
}

static void entries_go_on_over_chunks(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_chunk_entries(builder, 1);
    struct profile *profile = read_good(builder);
    assert_int_equal(profile->module_count, 2);
    assert_int_equal(profile->trace_count, 3);
    assert_int_equal(profile->stacks[1].parent, 1);
    assert_int_equal(profile->traces[2].to.module, 1);
    profile_free(profile);
}

static void entries_that_are_not_ready_do_not_count(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_trace(builder, APP(0x1100), APP(0x1180), 16, 1000);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_trace(builder, APP(0x1100), APP(0x1180), 16, 1000);
    raw_builder_last_state(builder, PGORAW_EMPTY);
    raw_builder_trace(builder, APP(0x1100), APP(0x1180), 16, 1000);
    raw_builder_last_state(builder, 17);
    struct profile *profile = read_good(builder);
    assert_int_equal(profile->trace_count, 3);
    profile_free(profile);
}

static void code_of_an_unfinished_module_is_outside(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    uint32_t unfinished = raw_builder_module(builder, "/half", 0, 0, 0x1000, NULL, 0);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, PGORAW_LOCATION(unfinished, 0x10), 0, 9);
    struct profile *profile = read_good(builder);
    assert_int_equal(profile->module_count, 2);
    assert_int_equal(profile->traces[3].to.module, PROFILE_MODULE_OUTSIDE);
    assert_int_equal(profile->traces[3].count, 9);
    profile_free(profile);
}

static void callers_that_are_not_ready_become_unknown_callers(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    uint32_t unfinished = raw_builder_stack(builder, 0, APP(0x1300), 0);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_stack(builder, unfinished, APP(0x1500), 11);
    struct profile *profile = read_good(builder);
    assert_int_equal(profile->stack_count, 4);
    assert_int_equal(profile->stacks[2].count, 11);
    assert_true(profile->stacks[profile->stacks[2].parent - 1].truncated);
    profile_free(profile);
}

static struct raw_builder *profile_by_callers(void)
{
    struct raw_builder *builder = small_profile();
    raw_builder_context(builder, 1, 3, 2);
    raw_builder_context(builder, 0, 1, 40);
    return builder;
}

static void check_by_callers(const struct profile *profile)
{
    const struct trace_by_caller *items = profile->traces_by_caller.items;
    assert_int_equal(profile->traces_by_caller.count, 2);
    assert_int_equal(profile->stacks[items[0].callers - 1].location.address, 0x1300);
    assert_int_equal(profile->traces[items[0].trace].from.address, 0x1200);
    assert_int_equal(items[0].count, 2);
    assert_int_equal(items[1].callers, 0);
    assert_int_equal(profile->traces[items[1].trace].from.address, 0x1100);
    assert_int_equal(items[1].count, 40);
}

static void traces_are_read_by_their_callers(void **state)
{
    (void)state;
    struct profile *profile = read_good(profile_by_callers());
    check_by_callers(profile);
    profile_free(profile);

    struct raw_builder *builder = profile_by_callers();
    raw_builder_chunk_entries(builder, 1);
    profile = read_good(builder);
    check_by_callers(profile);
    profile_free(profile);
}

static void what_is_not_ready_has_no_callers_and_is_nobodys(void **state)
{
    (void)state;
    struct raw_builder *builder = profile_by_callers();
    raw_builder_context(builder, 1, 1, 1000);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_trace(builder, APP(0x1100), APP(0x1180), 16, 1000);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_context(builder, 1, 4, 1000);
    uint32_t unfinished = raw_builder_stack(builder, 0, APP(0x1300), 0);
    raw_builder_last_state(builder, PGORAW_BUSY);
    raw_builder_context(builder, unfinished, 1, 1000);
    struct profile *profile = read_good(builder);
    check_by_callers(profile);
    profile_free(profile);
}

static void callers_and_traces_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    struct raw_builder *builder = profile_by_callers();
    raw_builder_context(builder, 3, 1, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "callers 3 of 2");
    builder = profile_by_callers();
    raw_builder_context(builder, 1, 4, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "trace 4 of 3");
    builder = profile_by_callers();
    raw_builder_context(builder, 1, 0, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "trace 0 of 3");
}

static void callers_may_come_after_their_callees(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_stack(builder, 4, APP(0x1500), 1);
    raw_builder_stack(builder, 0, PGORAW_LOCATION_TRUNCATED, 0);
    struct profile *profile = read_good(builder);
    assert_int_equal(profile->stacks[2].parent, 4);
    assert_true(profile->stacks[3].truncated);
    profile_free(profile);
}

static void unknown_chunk_kinds_and_larger_entries_are_skipped_over(void **state)
{
    (void)state;
    struct error error = {0};
    size_t size;
    struct raw_builder *builder = small_profile();
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    struct pgoraw_header *header = (struct pgoraw_header *)(void *)bytes;
    header->chunks[5] = (struct pgoraw_chunk){77, 1, 1, UINT64_MAX};
    header->chunks[6] = (struct pgoraw_chunk){PGORAW_CHUNK_CLAIMED, 3, 2, UINT64_MAX};
    /* Two traces of 64 bytes are one of 128 whose second half means nothing to us. */
    header->chunks[1].entry_size = 2 * sizeof(struct pgoraw_trace);
    header->chunks[1].entry_count = 1;
    struct profile *profile = read_bytes(bytes, size, &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 1);
    assert_int_equal(profile->traces[0].count, 42);
    profile_free(profile);
    free(bytes);
    raw_builder_free(builder);
}

static void other_files_are_told_from_raw_profiles(void **state)
{
    (void)state;
    struct error error = {0};
    assert_null(read_bytes("", 0, &error));
    assert_int_equal(error.code, ERROR_NOT_RAW_PROFILE);
    assert_null(read_bytes("\x7f"
                           "ELF and so on",
                           14, &error));
    assert_int_equal(error.code, ERROR_NOT_RAW_PROFILE);

    struct profile *profile = profile_new(&error);
    assert_false(reader_raw.read(temporary_path("no such file"), NULL, profile, &error));
    assert_int_equal(error.code, ERROR_OPEN);
    assert_false(reader_raw.read("/tmp", NULL, profile, &error));
    assert_int_equal(error.code, ERROR_NOT_RAW_PROFILE);
    profile_free(profile);
}

static void a_profile_of_another_version_is_refused(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_header(builder)->version = 2;
    expect_error(builder, ERROR_RAW_VERSION, "byte 8: version 2");
    builder = small_profile();
    raw_builder_header(builder)->header_size = 4096;
    expect_error(builder, ERROR_RAW_GARBLED, "byte 12: header of 4096 bytes");
}

static void every_way_to_cut_a_file_is_noticed(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    size_t size;
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    for (size_t cut = 1; cut < size; cut += cut < PGORAW_HEADER_SIZE ? 509 : 1) {
        struct error error = {0};
        assert_null(read_bytes(bytes, cut, &error));
        assert_int_equal(error.code, ERROR_RAW_TRUNCATED);
        assert_true(*error.detail);
    }
    free(bytes);
    raw_builder_free(builder);
}

/* Reads the small profile with one directory slot set. */
static void expect_chunk_error(struct pgoraw_chunk chunk, enum error_code code, const char *detail)
{
    struct error error = {0};
    size_t size;
    struct raw_builder *builder = small_profile();
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    ((struct pgoraw_header *)(void *)bytes)->chunks[3] = chunk;
    assert_null(read_bytes(bytes, size, &error));
    assert_int_equal(error.code, code);
    if (!strstr(error.detail, detail))
        fail_msg("\"%s\" says nothing of \"%s\"", error.detail, detail);
    free(bytes);
    raw_builder_free(builder);
}

static void impossible_chunks_are_refused(void **state)
{
    (void)state;
    const uint32_t traces = PGORAW_CHUNK_TRACES;
    expect_chunk_error((struct pgoraw_chunk){traces, 31, 8192, 1}, ERROR_RAW_GARBLED,
                       "entries of 31 bytes");
    expect_chunk_error((struct pgoraw_chunk){traces, 0, 8192, 1}, ERROR_RAW_GARBLED,
                       "entries of 0 bytes");
    expect_chunk_error((struct pgoraw_chunk){traces, UINT32_MAX, 8192, 1}, ERROR_RAW_GARBLED,
                       "entries of 4294967295 bytes");
    expect_chunk_error((struct pgoraw_chunk){traces, 32, 8192, UINT64_MAX}, ERROR_RAW_GARBLED,
                       "entries at");
    expect_chunk_error((struct pgoraw_chunk){traces, 32, UINT64_MAX - 8, 1}, ERROR_RAW_GARBLED,
                       "entries at");
    expect_chunk_error((struct pgoraw_chunk){traces, 32, 0, 1}, ERROR_RAW_GARBLED,
                       "inside the header");
    expect_chunk_error((struct pgoraw_chunk){traces, 32, 8200, 1}, ERROR_RAW_GARBLED, "overlap");
    expect_chunk_error((struct pgoraw_chunk){traces, 32, 1 << 20, 1}, ERROR_RAW_GARBLED,
                       "the file at");
}

static void impossible_entries_are_refused(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_trace(builder, PGORAW_LOCATION(3, 0x10), APP(0x1180), 0, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "byte 9408: module 3 of 2");

    builder = small_profile();
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, PGORAW_LOCATION_NONE, 0, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "leads nowhere");

    builder = small_profile();
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, APP(0x9000), 0, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "outside module 1");

    builder = small_profile();
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, APP(0x8ffe), 2, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "leaves its module");

    builder = small_profile();
    raw_builder_trace(builder, PGORAW_LOCATION_NONE, APP(0x1180), 0xfffffffe, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "leaves its module");

    builder = small_profile();
    raw_builder_module(builder, "/backwards", 0, 2, 1, NULL, 0);
    expect_error(builder, ERROR_RAW_GARBLED, "module 3 reaches from 0x2 to 0x1");
}

static void impossible_call_stacks_are_refused(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    raw_builder_stack(builder, 1000, APP(0x1100), 1);
    expect_error(builder, ERROR_RAW_GARBLED, "caller 1000 of 3");

    builder = small_profile();
    raw_builder_stack(builder, 3, APP(0x1100), 1);
    expect_error(builder, ERROR_RAW_GARBLED, "call stack node 3 is its own caller");

    builder = small_profile();
    raw_builder_stack(builder, 4, APP(0x1100), 1);
    raw_builder_stack(builder, 5, APP(0x1100), 1);
    raw_builder_stack(builder, 3, APP(0x1100), 1);
    expect_error(builder, ERROR_RAW_GARBLED, "is its own caller");

    builder = small_profile();
    raw_builder_stack(builder, 0, PGORAW_LOCATION_NONE, 1);
    expect_error(builder, ERROR_RAW_GARBLED, "without a place");
}

static void texts_without_an_end_are_cut(void **state)
{
    (void)state;
    struct raw_builder *builder = small_profile();
    struct pgoraw_header *header = raw_builder_header(builder);
    memset(header->program, 'p', sizeof(header->program));
    memset(header->why, 'w', sizeof(header->why));
    struct profile *profile = read_good(builder);
    assert_int_equal(strlen(profile->recordings[0].program), sizeof(header->program));
    assert_int_equal(strlen(profile->recordings[0].why), sizeof(header->why));
    profile_free(profile);
}

static void a_sparse_file_of_any_size_is_read_at_once(void **state)
{
    (void)state;
    struct error error = {0};
    const char *path = temporary_path("sparse.pgoraw");
    struct raw_builder *builder = small_profile();
    size_t size;
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    uint64_t terabyte = UINT64_C(1) << 40;
    struct pgoraw_header *header = (struct pgoraw_header *)(void *)bytes;
    header->chunks[3] =
        (struct pgoraw_chunk){PGORAW_CHUNK_TRACES, 32, 65536, (terabyte - 65536) / 32};
    raw_builder_write_bytes(path, bytes, size);
    free(bytes);
    raw_builder_free(builder);
    if (truncate(path, (off_t)terabyte) != 0)
        skip(); /* the file system has no such files */
    struct profile *profile = profile_new(&error);
    assert_true(reader_raw.read(path, NULL, profile, &error));
    assert_int_equal(profile->trace_count, 3);
    profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_was_recorded_is_read),
        cmocka_unit_test(entries_go_on_over_chunks),
        cmocka_unit_test(entries_that_are_not_ready_do_not_count),
        cmocka_unit_test(code_of_an_unfinished_module_is_outside),
        cmocka_unit_test(callers_that_are_not_ready_become_unknown_callers),
        cmocka_unit_test(traces_are_read_by_their_callers),
        cmocka_unit_test(what_is_not_ready_has_no_callers_and_is_nobodys),
        cmocka_unit_test(callers_and_traces_that_do_not_exist_are_refused),
        cmocka_unit_test(callers_may_come_after_their_callees),
        cmocka_unit_test(unknown_chunk_kinds_and_larger_entries_are_skipped_over),
        cmocka_unit_test(other_files_are_told_from_raw_profiles),
        cmocka_unit_test(a_profile_of_another_version_is_refused),
        cmocka_unit_test(every_way_to_cut_a_file_is_noticed),
        cmocka_unit_test(impossible_chunks_are_refused),
        cmocka_unit_test(impossible_entries_are_refused),
        cmocka_unit_test(impossible_call_stacks_are_refused),
        cmocka_unit_test(texts_without_an_end_are_cut),
        cmocka_unit_test(a_sparse_file_of_any_size_is_read_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
