/* Samples with a call stack and branches stay together, whatever file they come in and
 * however profiles are sorted and merged; recursion in call stacks is folded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/counts/virtual_unwinder.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/read/reader.h"
#include "tests/support/perf_builder.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

static struct error error;

static struct profile *read_file(const char *path)
{
    struct profile *profile = profile_new(&error);
    profile->keeps_hybrid_samples = true;
    if (!profile_read(path, profile, &error))
        fail_msg("%s: %s", error.subject, error.detail);
    return profile;
}

static struct profile *read_text(const char *text)
{
    const char *path = temporary_path("hybrid.txt");
    raw_builder_write_bytes(path, text, strlen(text));
    return read_file(path);
}

/* "callers>address: from>to from>to", innermost and newest first. */
static void check_sample(const struct profile *profile, size_t index, const char *wanted)
{
    const struct hybrid_sample *sample = &profile->hybrid_samples.items[index];
    char text[512] = "";
    size_t used = 0;
    for (uint32_t node = sample->stack; node; node = profile->stacks[node - 1].parent)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%lx ",
                                 (unsigned long)profile->stacks[node - 1].location.address);
    for (size_t i = 0; i < sample->branch_count; i++) {
        const struct trace *trace =
            &profile->traces[profile->hybrid_samples.branches[sample->first_branch + i]];
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, " %lx>%lx",
                             (unsigned long)trace->from.address, (unsigned long)trace->to.address);
    }
    assert_string_equal(text, wanted);
}

static void check_two(const struct profile *profile)
{
    assert_int_equal(profile->hybrid_samples.count, 2);
    check_sample(profile, 0, "401030 40104f  401050>401010 401020>401040");
    check_sample(profile, 1, "401080  401020>401040");
}

#define TWO                                                                                        \
    "\t          401030\n\t          401050\n 0x401050/0x401010/P/-/-/0  "                         \
    "0x401020/0x401040/P/-/-/0 \n\n"                                                               \
    "\t          401080\n 0x401020/0x401040/P/-/-/0\n\n"

static void a_text_tells_which_stack_and_branches_are_of_one_sample(void **state)
{
    (void)state;
    struct profile *profile = read_text(TWO);
    check_two(profile);
    profile_free(profile);

    /* A stack alone, branches alone, and a stack that the kernel was in are none. */
    profile = read_text("\t          401030\n\n 0x401020/0x401040/P/-/-/0\n\n" TWO
                        "\tffffffff81000000\n\t          401050\n 0x401020/0x401040/P/-/-/0\n");
    check_two(profile);
    profile_free(profile);

    /* A stack, then another sample's line. */
    profile = read_text("app 77 1.5: cycles:\n\t          401030\n"
                        "app 77 1.6: cycles: 401030 0x401020/0x401040/P/-/-/0\n");
    assert_int_equal(profile->hybrid_samples.count, 0);
    profile_free(profile);
}

static void perf_data_tells_the_same(void **state)
{
    static const uint64_t first[][2] = {{0x401050, 0x401010}, {0x401020, 0x401040}};
    static const uint64_t frames[] = {UINT64_MAX - 511, 0x401030, 0x401050};
    static struct perf_builder builder;
    size_t size;
    const char *path = temporary_path("perf.data");
    (void)state;
    builder = (struct perf_builder){0};
    perf_builder_mmap(&builder, 7, 0x401000, 0x1000, 0x401000, "/no/app", NULL);
    perf_builder_sample(&builder, 7, 0x401030, frames, 3, first, 2);
    perf_builder_sample(&builder, 7, 0x401030, NULL, 0, first, 2);
    perf_builder_sample(&builder, 7, 0x401030, frames, 3, NULL, 0);
    uint8_t *bytes = perf_builder_file(&builder, &size);
    raw_builder_write_bytes(path, bytes, size);
    free(bytes);
    struct profile *profile = read_file(path);
    assert_int_equal(profile->hybrid_samples.count, 1);
    check_sample(profile, 0, "401030 40104f  401050>401010 401020>401040");
    profile_free(profile);
}

static void sorting_and_merging_keep_them(void **state)
{
    (void)state;
    struct profile *profile = read_text(TWO);
    struct profile *other = read_text("\t          401010\n 0x401001/0x401002/P/-/-/0\n\n" TWO);
    struct profile *sum = profile_new(&error);
    struct profile *plain = profile_new(&error);
    sum->keeps_hybrid_samples = true;
    assert_true(profile_normalise(profile, &error));
    check_two(profile);
    assert_true(profile_merge(sum, other, 3, &error));
    assert_true(profile_merge(sum, profile, 1, &error));
    assert_true(profile_normalise(sum, &error));
    assert_int_equal(sum->hybrid_samples.count, 5);
    check_sample(sum, 0, "401010  401001>401002");
    check_sample(sum, 1, "401030 40104f  401050>401010 401020>401040");
    check_sample(sum, 3, "401030 40104f  401050>401010 401020>401040");
    assert_int_equal(sum->hybrid_samples.items[1].count, 3);
    assert_int_equal(sum->hybrid_samples.items[3].count, 1);
    /* Who did not ask for them has none. */
    assert_true(profile_merge(plain, profile, 1, &error));
    assert_int_equal(plain->hybrid_samples.count, 0);
    profile_free(profile);
    profile_free(other);
    profile_free(sum);
    profile_free(plain);
}

static void check_compressed(const char *text, const char *wanted)
{
    char copy[64];
    strcpy(copy, text);
    copy[context_compress(copy, strlen(copy), 1)] = '\0';
    assert_string_equal(copy, wanted);
}

static void repeated_callers_are_one(void **state)
{
    (void)state;
    check_compressed("", "");
    check_compressed("a", "a");
    check_compressed("aabb", "ab");
    check_compressed("abab", "ab");
    check_compressed("abcbc", "abc");
    check_compressed("abbabb", "ab");
    check_compressed("mababababx", "mabx");
    check_compressed("abcabd", "abcabd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_tells_which_stack_and_branches_are_of_one_sample),
        cmocka_unit_test(perf_data_tells_the_same),
        cmocka_unit_test(sorting_and_merging_keep_them),
        cmocka_unit_test(repeated_callers_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
