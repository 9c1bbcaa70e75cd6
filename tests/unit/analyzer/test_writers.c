/* Each format says what the profile says, and refuses what it cannot say. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "analyzer/model/code/decoder.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/write/writer.h"
#include "include/pgoshim/raw.h"
#include "tests/support/temporary.h"

static struct error error;
static struct binary *self; /* this program: its path, build-id and functions are at hand */

/* Code of this program for profiles to be about. */
__attribute__((noinline)) static int work(int x)
{
    return x > 3 ? x * 3 : x + 1;
}

static uint64_t address_of(const char *name)
{
    for (size_t i = 0; i < binary_function_count(self); i++) {
        if (strcmp(binary_function(self, i)->name, name) == 0)
            return binary_function(self, i)->address;
    }
    fail_msg("no %s in this program", name);
    return 0;
}

static struct profile *new_profile(void)
{
    struct profile *profile = profile_new(&error);
    uint64_t counters[PGORAW_MAX_COUNTERS] = {[PGORAW_COUNT_SAMPLES] = 3};
    struct recording recording = {.file = "self.pgoraw",
                                  .program = "bad \xff bytes \x1b[31m",
                                  .command_line = "",
                                  .host = "",
                                  .why = "one\ntwo",
                                  .counters = counters};
    struct module module = {.path = (char *)binary_path(self), .is_main = true};
    uint32_t number;
    const uint8_t *build_id = binary_build_id(self, &module.build_id_size);
    memcpy(module.build_id, build_id, module.build_id_size);
    assert_true(profile_add_recording(profile, &recording, &error));
    assert_true(profile_add_module(profile, &module, &number, &error));
    return profile;
}

static void add_trace(struct profile *profile, struct location from, struct location to,
                      uint64_t run, uint64_t count)
{
    struct trace trace = {from, to, to.address + run, true, count, 0};
    assert_true(profile_add_trace(profile, &trace, &error));
}

static char *write_as_wanted(const char *format, enum inference_wanted infer,
                             struct profile *profile, const struct binary *binary)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_true(profile_normalise(profile, &error));
    struct writer_options options = {.infer = infer};
    bool done = writer_write_wanted(writer_find(format), profile, binary, &options, stream, &error);
    fclose(stream);
    profile_free(profile);
    if (done)
        return text;
    free(text);
    return NULL;
}

static char *write_as(const char *format, struct profile *profile, const struct binary *binary)
{
    return write_as_wanted(format, INFERENCE_AUTO, profile, binary);
}

static void expect_line(const char *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void expect_line(const char *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (!text)
        fail_msg("%s %s: %s", error.subject, error_text(error.code), error.detail);
    if (!strstr(text, line))
        fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void fdata_names_functions_and_offsets(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    struct location outside = {PROFILE_MODULE_OUTSIDE, 0x7fff00000000};
    add_trace(profile, (struct location){0, address_of("main") + 1}, (struct location){0, place}, 0,
              UINT64_MAX);
    add_trace(profile, outside, (struct location){0, place}, 0, 5);
    add_trace(profile, (struct location){0, place}, outside, 0, 6);
    char *text = write_as("fdata", profile, self);
    expect_line(text,
                "1 main 1 1 work/1 0 0 9223372036854775807\n"); /* BOLT's numbers are signed */
    expect_line(text, "0 [unknown] 0 1 work/1 0 0 5\n");
    expect_line(text, "1 work/1 0 0 [unknown] 0 0 6\n");
    free(text);
}

static void fdata_without_branches_is_a_list_of_addresses(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    add_trace(profile, (struct location){PROFILE_MODULE_NONE, 0}, (struct location){0, place + 1},
              0, 5);
    char *text = write_as_wanted("fdata", INFERENCE_OFF, profile, self);
    assert_string_equal(text, "no_lbr cpu-clock\n1 work/1 1 5\n");
    free(text);
}

static void fdata_without_branches_has_inferred_ones(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    add_trace(profile, (struct location){PROFILE_MODULE_NONE, 0}, (struct location){0, place}, 0,
              5);
    char *text = write_as("fdata", profile, self);
    assert_null(strstr(text, "no_lbr"));
    assert_non_null(strstr(text, "0 [unknown] 0 1 work/1 0 0 "));
    free(text);
}

/* At least two bytes, or the tests below have nowhere to end inside of. */
static uint64_t first_instruction_size(uint64_t address)
{
    struct instruction instruction;
    struct decoder *decoder = decoder_of(self, &error);
    assert_true(decoder_decode(decoder, address, &instruction));
    assert_true(instruction.size > 1);
    return instruction.size;
}

/* The sum of the counts of lines that begin so. */
static uint64_t count_of(const char *text, const char *beginning)
{
    uint64_t sum = 0;
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        const char *colon = strchr(line, ':');
        if (strncmp(line, beginning, strlen(beginning)) == 0 && colon)
            sum += strtoull(colon + 1, NULL, 10);
        line = end ? end + 1 : NULL;
    }
    return sum;
}

/* Wherever in the function the sample is, control came in at its beginning as often as it ran. */
static void sample_profiles_without_branches_have_inferred_runs(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    char entry[64], first[64];
    snprintf(entry, sizeof(entry), "1->%" PRIx64 ":", place);
    snprintf(first, sizeof(first), "%" PRIx64 "-", place);
    add_trace(profile, (struct location){PROFILE_MODULE_NONE, 0},
              (struct location){0, place + first_instruction_size(place)}, 0, 500);
    profile->traces[0].has_range = false;
    char *text = write_as("unsymbolized", profile, self);
    assert_non_null(text);
    assert_true(count_of(text, entry) > 0);
    assert_int_equal(count_of(text, entry), count_of(text, first));
    free(text);
}

static void sample_profiles_have_samples_as_they_are_where_that_is_wanted(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    struct trace sample = {{PROFILE_MODULE_NONE, 0}, {0, place}, place, false, 5, 0};
    assert_true(profile_add_trace(profile, &sample, &error));
    char *text = write_as_wanted("unsymbolized", INFERENCE_OFF, profile, self);
    expect_line(text, "%" PRIx64 "-%" PRIx64 ":5\n", place, place);
    expect_line(text, "\n0\n");
    free(text);
}

static void preagg_has_a_record_for_each_kind_of_trace(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct location nowhere = {PROFILE_MODULE_NONE, 0};
    struct location outside = {PROFILE_MODULE_OUTSIDE, 0x7fff00000000};
    struct location at = {0, address_of("work")};
    struct location main_at = {0, address_of("main")};
    add_trace(profile, nowhere, at, 3, 1);
    add_trace(profile, main_at, at, 3, 2);
    add_trace(profile, outside, at, 3, 3);
    add_trace(profile, at, outside, 3, 4);
    struct trace branch_only = {at, main_at, 0, false, 5, 0};
    assert_true(profile_add_trace(profile, &branch_only, &error));
    char *text = write_as("preagg", profile, self);
    unsigned long long work_at = at.address, caller = main_at.address;
    expect_line(text, "F %llx %llx 1\n", work_at, work_at + 3);
    expect_line(text, "T %llx %llx %llx 2\n", caller, work_at, work_at + 3);
    expect_line(text, "T X:0 %llx %llx 3\n", work_at, work_at + 3);
    expect_line(text, "B %llx X:0 4 0\n", work_at);
    expect_line(text, "B %llx %llx 5 0\n", work_at, caller);
    free(text);
}

static void unsymbolized_adds_up_ranges_and_branches(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    uint64_t place = address_of("work");
    uint64_t next = place + first_instruction_size(place);
    struct location outside = {PROFILE_MODULE_OUTSIDE, 0x7fff00000000};
    struct location nowhere = {PROFILE_MODULE_NONE, 0};
    add_trace(profile, (struct location){0, next}, (struct location){0, place}, 0, 5);
    add_trace(profile, (struct location){0, next}, (struct location){0, place}, next - place, 6);
    add_trace(profile, outside, (struct location){0, place}, 0, 7);
    add_trace(profile, nowhere, (struct location){0, place}, 0, 8);
    add_trace(profile, (struct location){0, next}, outside, 0, 9);
    /* Ends inside an instruction. */
    add_trace(profile, nowhere, (struct location){0, place}, 1, 10);
    char *text = write_as("unsymbolized", profile, self);
    char expected[512];
    snprintf(expected, sizeof(expected),
             "2\n%" PRIx64 "-%" PRIx64 ":20\n%" PRIx64 "-%" PRIx64 ":6\n"
             "2\n1->%" PRIx64 ":7\n%" PRIx64 "->%" PRIx64 ":11\n",
             place, place, place, next, place, next, place);
    assert_string_equal(text, expected);
    free(text);
}

static void folded_stacks_are_outermost_first(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct stack_node nodes[] = {
        {.truncated = true},
        {1, false, {0, address_of("main") + 4}, 1},
        {2, false, {0, address_of("work")}, 5},
        {2, false, {0, address_of("work") + 1}, 6},
        {0, false, {PROFILE_MODULE_OUTSIDE, 0x1234}, 7},
    };
    for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
        assert_true(profile_add_stack(profile, &nodes[i], &error));
    char *text = write_as("folded", profile, NULL);
    assert_string_equal(text, "[truncated];main 1\n[truncated];main;work 11\n[unknown] 7\n");
    free(text);
}

static void folded_samples_stand_in_for_stacks(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct location nowhere = {PROFILE_MODULE_NONE, 0};
    add_trace(profile, nowhere, (struct location){0, address_of("work")}, 0, 5);
    add_trace(profile, nowhere, (struct location){0, address_of("work") + 1}, 0, 5);
    char *text = write_as("folded", profile, NULL);
    assert_string_equal(text, "work 10\n");
    free(text);
}

/* A part of the samples has a call stack: the others are there too, at what was sampled. */
static void folded_samples_without_stacks_stand_apart(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct location nowhere = {PROFILE_MODULE_NONE, 0};
    uint64_t work = address_of("work");
    struct stack_node nodes[] = {
        {0, false, {0, address_of("main") + 4}, 0},
        {1, false, {0, work}, 3},
        {1, false, {0, work + 1}, 2},
    };
    for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
        assert_true(profile_add_stack(profile, &nodes[i], &error));
    add_trace(profile, nowhere, (struct location){0, work}, 0, 5);
    add_trace(profile, nowhere, (struct location){0, work}, 1, 2);
    add_trace(profile, nowhere, (struct location){0, work + 1}, 0, 2);
    add_trace(profile, nowhere, (struct location){PROFILE_MODULE_OUTSIDE, 0x1234}, 0, 6);
    char *text = write_as("folded", profile, NULL);
    assert_string_equal(text, "[no_stack];[unknown] 6\n[no_stack];work 4\nmain;work 5\n");
    free(text);
}

static void json_is_json_whatever_the_bytes(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct location at = {0, address_of("work")};
    struct stack_node node = {0, false, at, 3};
    add_trace(profile, (struct location){0, address_of("main")}, at, 3, UINT64_MAX);
    assert_true(profile_add_stack(profile, &node, &error));
    char *text = write_as("json", profile, NULL);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_t *trace = json_array_get(json_object_get(root, "traces"), 0);
    assert_true(json_integer_value(json_object_get(trace, "count")) == INT64_MAX);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(trace, "to"), "function")), "work");
    json_t *recording = json_array_get(json_object_get(root, "recordings"), 0);
    assert_string_equal(json_string_value(json_object_get(recording, "why")), "one\ntwo");
    assert_string_equal(json_string_value(json_object_get(recording, "program")),
                        "bad ? bytes ?[31m");
    assert_int_equal(json_array_size(json_object_get(root, "stacks")), 1);
    json_decref(root);
    free(text);
}

static void an_empty_profile_has_no_samples(void **state)
{
    (void)state;
    for (size_t i = 0; writer_at(i); i++) {
        assert_null(write_as(writer_at(i)->name, new_profile(), self));
        assert_int_equal(error.code, ERROR_NO_SAMPLES);
        assert_string_equal(error.subject, "self.pgoraw");
    }
}

static void the_module_with_most_samples_is_named_where_the_given_one_has_none(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct module library = {.path = "/lib/hot.so"};
    uint32_t number;
    assert_true(profile_add_module(profile, &library, &number, &error));
    struct location at = {number, 0x1000}, nowhere = {PROFILE_MODULE_NONE, 0};
    struct trace sample = {nowhere, at, at.address, false, 5, 0};
    assert_true(profile_add_trace(profile, &sample, &error));
    assert_null(write_as("fdata", profile, self));
    assert_int_equal(error.code, ERROR_NO_SAMPLES);
    assert_non_null(strstr(error.detail, "most fell into /lib/hot.so"));
}

static void a_module_without_samples_is_told_apart(void **state)
{
    (void)state;
    struct profile *profile = new_profile();
    struct location outside = {PROFILE_MODULE_OUTSIDE, 0x7fff00000000};
    add_trace(profile, outside, outside, 0, 5);
    assert_null(write_as("fdata", profile, self));
    assert_int_equal(error.code, ERROR_NO_SAMPLES);
    assert_string_equal(error.subject, binary_path(self));
}

static void another_build_is_refused_with_both_build_ids(void **state)
{
    (void)state;
    char id[PROFILE_BUILD_ID_TEXT];
    struct profile *profile = new_profile();
    struct location at = {0, address_of("work")};
    uint32_t size;
    const uint8_t *build_id = binary_build_id(self, &size);
    add_trace(profile, at, at, 0, 5);
    profile->modules[0].build_id[0] ^= 0xff;
    assert_null(write_as("fdata", profile, self));
    assert_int_equal(error.code, ERROR_BUILD_ID);
    assert_non_null(strstr(error.detail, build_id_text(build_id, size, id)));
    assert_non_null(strstr(error.detail, id + 2));

    profile = new_profile();
    add_trace(profile, at, at, 0, 5);
    profile->modules[0].build_id[0] ^= 0xff;
    profile->modules[0].path[0] = 'x';
    profile->modules[0].path[strlen(profile->modules[0].path) - 1] = 'x';
    assert_null(write_as("fdata", profile, self));
    assert_int_equal(error.code, ERROR_NOT_IN_PROFILE);
}

static void a_stripped_binary_has_no_names_for_fdata(void **state)
{
    (void)state;
    char command[1200];
    const char *stripped = temporary_path("stripped");
    snprintf(command, sizeof(command), "strip -o %s %s 2>/dev/null", stripped, binary_path(self));
    if (system(command) != 0)
        skip();
    struct binary *binary = binary_open(stripped, &error);
    assert_non_null(binary);
    struct profile *profile = new_profile();
    struct location at = {0, address_of("work")};
    add_trace(profile, at, at, 0, 5);
    assert_null(write_as("fdata", profile, binary));
    assert_int_equal(error.code, ERROR_STRIPPED);
    profile = new_profile();
    add_trace(profile, at, at, 0, 5);
    char *text = write_as("preagg", profile, binary);
    assert_non_null(text);
    free(text);
    binary_free(binary);
}

static void formats_are_found_by_name(void **state)
{
    (void)state;
    assert_null(writer_find("nonsense"));
    for (size_t i = 0; writer_at(i); i++)
        assert_ptr_equal(writer_find(writer_at(i)->name), writer_at(i));
    assert_non_null(writer_find("fdata"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fdata_names_functions_and_offsets),
        cmocka_unit_test(fdata_without_branches_is_a_list_of_addresses),
        cmocka_unit_test(fdata_without_branches_has_inferred_ones),
        cmocka_unit_test(sample_profiles_without_branches_have_inferred_runs),
        cmocka_unit_test(sample_profiles_have_samples_as_they_are_where_that_is_wanted),
        cmocka_unit_test(preagg_has_a_record_for_each_kind_of_trace),
        cmocka_unit_test(unsymbolized_adds_up_ranges_and_branches),
        cmocka_unit_test(folded_stacks_are_outermost_first),
        cmocka_unit_test(folded_samples_stand_in_for_stacks),
        cmocka_unit_test(folded_samples_without_stacks_stand_apart),
        cmocka_unit_test(json_is_json_whatever_the_bytes),
        cmocka_unit_test(an_empty_profile_has_no_samples),
        cmocka_unit_test(the_module_with_most_samples_is_named_where_the_given_one_has_none),
        cmocka_unit_test(a_module_without_samples_is_told_apart),
        cmocka_unit_test(another_build_is_refused_with_both_build_ids),
        cmocka_unit_test(a_stripped_binary_has_no_names_for_fdata),
        cmocka_unit_test(formats_are_found_by_name),
    };
    char path[512];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[length > 0 ? length : 0] = '\0';
    self = binary_open(path, &error);
    int failed = self && work(argc) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    binary_free(self);
    (void)argv;
    return failed;
}
