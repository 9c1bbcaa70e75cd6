/*
 * Our fdata is perf2bolt's, line by line, when it reads our preagg output: over
 * a program of every shape, built in different ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "tests/support/shell.h"
#include "tests/support/temporary.h"
#include "tests/unit/analyzer/walk.h"

#define SOURCES "tests/unit/analyzer/programs/edges.c tests/unit/analyzer/programs/edges_other.c"
#define WINDOWS 3000

static struct error error;

static const char *perf2bolt(void)
{
    static const char *const names[] = {"perf2bolt-22", "perf2bolt"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (shell_run("command -v %s >/dev/null", names[i]) == 0)
            return names[i];
    }
    return NULL;
}

static void write_format(const char *format, const struct profile *profile,
                         const struct binary *binary, const char *path)
{
    /* perf2bolt infers nothing. */
    struct writer_options options = {.infer = INFERENCE_OFF};
    if (!writer_write_file(writer_find(format), profile, binary, &options, path, true, &error))
        fail_msg("%s: %s %s: %s", format, error.subject, error_text(error.code), error.detail);
}

/* An IP-only profile: the windows' beginnings and nothing else. */
static void forget_branches(struct profile *profile)
{
    size_t kept = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        struct trace trace = profile->traces[i];
        if (trace.from.module != PROFILE_MODULE_NONE)
            continue;
        trace.has_range = false;
        trace.end = 0;
        profile->traces[kept++] = trace;
    }
    profile->trace_count = kept;
    assert_true(profile_normalise(profile, &error));
}

static void compare(const char *compiler, bool branches)
{
    const char *program = temporary_path("edges");
    const char *preagg = temporary_path("edges.preagg");
    const char *ours = temporary_path("ours.fdata");
    const char *theirs = temporary_path("theirs.fdata");
    const char *said = temporary_path("perf2bolt.log");
    if (!perf2bolt() ||
        shell_run("%s -Wl,--emit-relocs -o %s %s 2>%s", compiler, program, SOURCES, said))
        skip();

    struct binary *binary = binary_open(program, &error);
    assert_non_null(binary);
    struct profile *profile = walk_profile(binary, WINDOWS);
    if (!branches)
        forget_branches(profile);
    write_format("preagg", profile, binary, preagg);
    write_format("fdata", profile, binary, ours);
    if (shell_run("%s -pa %s -p %s -o %s %s >%s 2>&1", perf2bolt(), branches ? "" : "--ba", preagg,
                  theirs, program, said))
        fail_msg("perf2bolt failed: exit %d", shell_run("cat %s", said));
    if (shell_run("LC_ALL=C; export LC_ALL; sort %s >%s.sorted; sort %s >%s.sorted; "
                  "diff %s.sorted %s.sorted",
                  ours, ours, theirs, theirs, ours, theirs))
        fail_msg("%s: ours (<) is not perf2bolt's (>)", compiler);
    assert_int_equal(shell_run("test $(wc -l <%s) -gt %d", ours, branches ? 60 : 3), 0);
    profile_free(profile);
    binary_free(binary);
}

static void with_gcc_o1(void **state)
{
    (void)state;
    compare("gcc -O1", true);
}

static void with_gcc_o2(void **state)
{
    (void)state;
    compare("gcc -O2 -g", true);
}

static void with_gcc_o3_at_a_fixed_address(void **state)
{
    (void)state;
    compare("gcc -O3 -no-pie -fno-pic", true);
}

static void with_gcc_os_and_no_lazy_binding(void **state)
{
    (void)state;
    compare("gcc -Os -fcf-protection=full -Wl,-z,now", true);
}

static void with_a_library_that_starts_high(void **state)
{
    (void)state;
    compare("gcc -O2 -pie -Wl,-Ttext-segment=0x200000", true);
}

static void with_clang(void **state)
{
    (void)state;
    compare("clang-22 -O2", true);
}

static void with_functions_folded_by_lld(void **state)
{
    (void)state;
    compare("clang-22 -O2 -ffunction-sections -fuse-ld=lld -Wl,--icf=all", true);
}

/* lld's own linkage table is for calls that gcc does not make directly. */
static void with_code_of_gcc_linked_by_lld(void **state)
{
    (void)state;
    compare("COMPILER_PATH=/usr/lib/llvm-22/bin gcc -O2 -fuse-ld=lld", true);
}

static void without_branches(void **state)
{
    (void)state;
    compare("gcc -O1", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_gcc_o1),
        cmocka_unit_test(with_gcc_o2),
        cmocka_unit_test(with_gcc_o3_at_a_fixed_address),
        cmocka_unit_test(with_gcc_os_and_no_lazy_binding),
        cmocka_unit_test(with_a_library_that_starts_high),
        cmocka_unit_test(with_clang),
        cmocka_unit_test(with_functions_folded_by_lld),
        cmocka_unit_test(with_code_of_gcc_linked_by_lld),
        cmocka_unit_test(without_branches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
