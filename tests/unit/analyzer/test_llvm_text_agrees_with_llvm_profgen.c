/*
 * Our sample profile is llvm-profgen's, byte by byte, when it reads our counts
 * by address: over made-up executions of C and C++ programs, built in different
 * ways, that go where no recording would.
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

#define C_SOURCES "tests/unit/analyzer/programs/edges.c tests/unit/analyzer/programs/edges_other.c"
#define SAMPLE_PROGRAMS "tests/programs/sample-profile/"
#define CXX_SOURCES SAMPLE_PROGRAMS "shapes.cpp " SAMPLE_PROGRAMS "elsewhere.cpp"
#define WINDOWS 3000

static struct error error;

static void write_format(const char *format, const struct profile *profile,
                         const struct binary *binary, const char *path)
{
    if (!writer_write_file(writer_find(format), profile, binary, NULL, path, true, &error))
        fail_msg("%s: %s %s: %s", format, error.subject, error_text(error.code), error.detail);
}

/* What a profile is compared as: its binary forms are the same writer's, whatever build it is of.
 */
enum forms { FORM_TEXT, FORMS_ALL };

/* The binary form says what the text says; that with hashes, what llvm-profgen's says. */
static void binary_forms_compare(const char *compiler, const struct profile *profile,
                                 const struct binary *binary, const char *ours, const char *counts)
{
    const char *program = temporary_path("sampled");
    const char *theirs = temporary_path("theirs.prof");
    const char *binary_form = temporary_path("ours.ext");
    const char *said = temporary_path("llvm-profgen.log");

    write_format("llvm-ext", profile, binary, binary_form);
    if (shell_run(
            "for one in %s %s; do llvm-profdata-22 merge --sample --text $one -o $one.merged && "
            "llvm-profdata-22 show --sample --detailed-summary $one >$one.shown; done; "
            "cmp %s.merged %s.merged && cmp %s.shown %s.shown",
            ours, binary_form, ours, binary_form, ours, binary_form))
        fail_msg("%s: the binary form says something else", compiler);
    /* Where names have unique suffixes, clang has to know from the table of sections. */
    assert_int_equal(shell_run("grep -q '[.]__uniq[.]' %s", ours),
                     shell_run("llvm-profdata-22 show --sample --show-sec-info-only %s | "
                               "grep -q 'NameTable.*uniq'",
                               binary_form));
    write_format("llvm-ext-md5", profile, binary, binary_form);
    if (shell_run(
            "llvm-profgen-22 --unsymbolized-profile=%s --use-offset=0 --binary=%s "
            "--format=extbinary --use-md5 --output=%s >%s 2>&1 && "
            "for one in %s %s; do llvm-profdata-22 merge --sample --text $one -o $one.merged && "
            "llvm-profdata-22 show --sample --show-sec-info-only $one | "
            "grep -q 'NameTable.*fixlenmd5' || exit 1; done; cmp %s.merged %s.merged",
            counts, program, theirs, said, theirs, binary_form, theirs, binary_form))
        fail_msg("%s: the binary form with hashes is not llvm-profgen's", compiler);
}

static void compare(const char *compiler, const char *sources, enum forms forms)
{
    const char *program = temporary_path("sampled");
    const char *counts = temporary_path("sampled.unsymbolized");
    const char *ours = temporary_path("ours.prof");
    const char *theirs = temporary_path("theirs.prof");
    const char *said = temporary_path("llvm-profgen.log");
    char name[64];
    assert_int_equal(sscanf(compiler, "%63s", name), 1);
    if (shell_run("command -v llvm-profgen-22 >/dev/null && command -v %s >/dev/null", name))
        skip();
    if (shell_run("%s -o %s %s 2>%s", compiler, program, sources, said))
        fail_msg("%s: exit %d", compiler, shell_run("cat %s", said));

    struct binary *binary = binary_open(program, &error);
    assert_non_null(binary);
    struct profile *profile = walk_profile(binary, WINDOWS);
    write_format("unsymbolized", profile, binary, counts);
    write_format("llvm-text", profile, binary, ours);
    if (shell_run("llvm-profgen-22 --unsymbolized-profile=%s --use-offset=0 "
                  "--binary=%s --format=text --output=%s >%s 2>&1",
                  counts, program, theirs, said))
        fail_msg("llvm-profgen failed: exit %d", shell_run("cat %s", said));
    if (shell_run("diff %s %s | head -40; cmp -s %s %s", ours, theirs, ours, theirs))
        fail_msg("%s: ours (<) is not llvm-profgen's (>)", compiler);
    assert_int_equal(shell_run("test $(wc -l <%s) -gt 15", ours), 0);
    if (forms == FORMS_ALL)
        binary_forms_compare(compiler, profile, binary, ours, counts);
    profile_free(profile);
    binary_free(binary);
}

#define PROFILING "-fdebug-info-for-profiling "

static void c_with_dwarf_4(void **state)
{
    (void)state;
    compare("clang-22 -O2 -gdwarf-4 -no-pie -fno-pie " PROFILING, C_SOURCES, FORMS_ALL);
}

static void c_with_dwarf_5_and_unrolled_loops(void **state)
{
    (void)state;
    compare("clang-22 -O3 -gdwarf-5 -mavx2 -funroll-loops " PROFILING, C_SOURCES, FORM_TEXT);
}

static void c_without_discriminators(void **state)
{
    (void)state;
    compare("clang-22 -O1 -g", C_SOURCES, FORM_TEXT);
}

static void cxx_with_discriminators_of_later_passes(void **state)
{
    (void)state;
    compare("clang++-22 -O3 -g -mllvm -enable-fs-discriminator " PROFILING, CXX_SOURCES, FORM_TEXT);
}

static void c_for_size_linked_by_lld(void **state)
{
    (void)state;
    compare("clang-22 -Os -g -fuse-ld=lld -ffunction-sections -Wl,--gc-sections " PROFILING,
            C_SOURCES, FORM_TEXT);
}

static void cxx_with_dwarf_4(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -gdwarf-4 " PROFILING, CXX_SOURCES, FORM_TEXT);
}

static void cxx_with_dwarf_5_at_a_fixed_address(void **state)
{
    (void)state;
    compare("clang++-22 -O3 -gdwarf-5 -no-pie -fno-pie " PROFILING, CXX_SOURCES, FORM_TEXT);
}

static void cxx_with_unique_names(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -funique-internal-linkage-names " PROFILING, CXX_SOURCES, FORMS_ALL);
}

static void cxx_with_link_time_optimisation(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -flto=thin -fuse-ld=lld " PROFILING, CXX_SOURCES, FORM_TEXT);
}

static void cxx_in_sections_of_basic_blocks(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -fbasic-block-sections=all -fuse-ld=lld " PROFILING, CXX_SOURCES,
            FORM_TEXT);
}

static void cxx_static_split_and_folded(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -gz=zlib -static -ffunction-sections -fsplit-machine-functions "
            "-fuse-ld=lld -Wl,--icf=all " PROFILING,
            CXX_SOURCES, FORM_TEXT);
}

static void cxx_shared_object(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -gdwarf-5 -fPIC -shared -fuse-ld=lld " PROFILING, CXX_SOURCES,
            FORM_TEXT);
}

static void with_functions_inside_of_functions(void **state)
{
    (void)state;
    compare("gcc -O2 -g -x c", "tests/unit/analyzer/programs/nested.gnu-c", FORM_TEXT);
    compare("g++ -O2 -g", "tests/unit/analyzer/programs/nested.cpp", FORM_TEXT);
    compare("clang++-22 -O2 -g", "tests/unit/analyzer/programs/nested.cpp", FORM_TEXT);
}

static void with_functions_folded_by_lld(void **state)
{
    (void)state;
    compare("clang-22 -O2 -g -fuse-ld=lld -ffunction-sections -Wl,--icf=all " PROFILING, C_SOURCES,
            FORM_TEXT);
}

static void c_by_gcc(void **state)
{
    (void)state;
    compare("gcc -O2 -g", C_SOURCES, FORM_TEXT);
}

/*
 * With code left out by the linker, llvm-profgen takes calls from outside, which
 * it gives the address 1, for calls from that code, described at address 0.
 */
static void rust_with_all_code(void **state)
{
    (void)state;
    compare("rustc -O -g -C link-args=-Wl,--no-gc-sections", SAMPLE_PROGRAMS "words.rs", FORMS_ALL);
}

#define PROBES "-fpseudo-probe-for-profiling "

static void c_by_probes(void **state)
{
    (void)state;
    compare("clang-22 -O2 -gdwarf-4 -no-pie -fno-pie " PROBES, C_SOURCES, FORM_TEXT);
}

static void c_by_probes_with_unrolled_loops(void **state)
{
    (void)state;
    compare("clang-22 -O3 -g -mavx2 -funroll-loops " PROFILING PROBES, C_SOURCES, FORM_TEXT);
}

static void cxx_by_probes(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -gdwarf-5 " PROFILING PROBES, CXX_SOURCES, FORMS_ALL);
}

static void cxx_by_probes_without_debug_information(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -no-pie -fno-pie " PROBES, CXX_SOURCES, FORM_TEXT);
}

static void cxx_by_probes_with_link_time_optimisation(void **state)
{
    (void)state;
    compare("clang++-22 -O3 -g -flto=thin -fuse-ld=lld " PROBES, CXX_SOURCES, FORM_TEXT);
}

static void cxx_shared_object_by_probes(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -fPIC -shared " PROBES, CXX_SOURCES, FORM_TEXT);
}

static void cxx_by_probes_static_split_and_folded(void **state)
{
    (void)state;
    compare("clang++-22 -O2 -g -static -ffunction-sections -fsplit-machine-functions "
            "-fuse-ld=lld -Wl,--icf=all " PROBES,
            CXX_SOURCES, FORM_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_with_dwarf_4),
        cmocka_unit_test(c_with_dwarf_5_and_unrolled_loops),
        cmocka_unit_test(c_without_discriminators),
        cmocka_unit_test(cxx_with_discriminators_of_later_passes),
        cmocka_unit_test(c_for_size_linked_by_lld),
        cmocka_unit_test(cxx_with_dwarf_4),
        cmocka_unit_test(cxx_with_dwarf_5_at_a_fixed_address),
        cmocka_unit_test(cxx_with_unique_names),
        cmocka_unit_test(cxx_with_link_time_optimisation),
        cmocka_unit_test(cxx_in_sections_of_basic_blocks),
        cmocka_unit_test(cxx_static_split_and_folded),
        cmocka_unit_test(cxx_shared_object),
        cmocka_unit_test(with_functions_inside_of_functions),
        cmocka_unit_test(with_functions_folded_by_lld),
        cmocka_unit_test(c_by_gcc),
        cmocka_unit_test(rust_with_all_code),
        cmocka_unit_test(c_by_probes),
        cmocka_unit_test(c_by_probes_with_unrolled_loops),
        cmocka_unit_test(cxx_by_probes),
        cmocka_unit_test(cxx_by_probes_without_debug_information),
        cmocka_unit_test(cxx_by_probes_with_link_time_optimisation),
        cmocka_unit_test(cxx_shared_object_by_probes),
        cmocka_unit_test(cxx_by_probes_static_split_and_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
