/* What is read of compilers' own notes, and who is to use a profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bolt-bridge/toolchain/advice.h"
#include "bolt-bridge/toolchain/built_code.h"
#include "bolt-bridge/toolchain/compile_log.h"
#include "bolt-bridge/toolchain/compiler_evidence.h"
#include "bolt-bridge/toolchain/rebuild_use.h"

static void add_line(struct compile_log *log, const char *line)
{
    struct error error;
    assert_true(compile_log_add(log, line, "x86_64", &error));
}

static void test_only_what_makes_code_is_a_compilation(void **state)
{
    struct compile_log log = {0};
    (void)state;
    add_line(&log, "[Logging clang options]\n");
    add_line(&log, " \"/usr/bin/ld\" \"-o\" \"a\" \"a.o\"\n");
    add_line(&log, " \"/usr/bin/clang\" \"-cc1\" \"-E\" \"-fprofile-sample-use=p\" \"a.c\"\n");
    assert_int_equal(log.runs, 0);
    add_line(&log, " \"/usr/bin/clang\" \"-cc1\" \"-emit-obj\" \"a.c\"\n");
    add_line(&log,
             " \"/usr/bin/clang\" \"-cc1\" \"-emit-llvm-bc\" \"-fprofile-sample-use=p\" \"b.c\"\n");
    assert_int_equal(log.runs, 2);
    assert_int_equal(log.with_profile, 1);
    add_line(&log, "pgo-bolt: source\t/w\tc.c\n");
    assert_int_equal(log.runs, 3);
    assert_int_equal(log.with_profile, 2);
    compile_log_free(&log);
}

static void test_other_machines_code_is_none_of_the_programs(void **state)
{
    struct compile_log log = {0};
    (void)state;
    add_line(&log, " \"clang\" \"-cc1\" \"-triple\" \"riscv64\" \"-emit-obj\" \"a.c\"\n");
    assert_int_equal(log.runs, 0);
    add_line(&log,
             " \"clang\" \"-cc1\" \"-triple\" \"x86_64-pc-linux-gnu\" \"-emit-obj\" \"a.c\"\n");
    assert_int_equal(log.runs, 1);
    compile_log_free(&log);
}

static void test_a_profile_of_the_builds_own_is_not_ours(void **state)
{
    struct compile_log log = {.profile = "/p"};
    (void)state;
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-obj\" \"-fprofile-sample-use=/p\" \"a.c\"\n");
    add_line(&log, " \"ld.lld\" \"-o\" \"app\" \"-plugin-opt=sample-profile=/p\" \"a.o\"\n");
    assert_string_equal(log.own_profile, "");
    assert_int_equal(log.with_profile, 1);
    assert_int_equal(log.links_with_profile, 1);
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-obj\" \"-fprofile-sample-use=/q\" \"b.c\"\n");
    assert_string_equal(log.own_profile, "-fprofile-sample-use=/q");
    add_line(&log, " \"ld.lld\" \"-o\" \"app\" \"-plugin-opt=sample-profile=/p\" "
                   "\"--lto-sample-profile=/q\" \"b.o\"\n");
    add_line(&log, "pgo-bolt: source\t/w\tc.c\t-fauto-profile=/q\n");
    add_line(&log, "pgo-bolt: source\t/w\td.c\t-fno-auto-profile\n");
    add_line(&log, "pgo-bolt: crate\t/w\tapp\t-Zprofile-sample-use=/q\n");
    assert_int_equal(log.runs, 5);
    assert_int_equal(log.with_profile, 1);
    assert_int_equal(log.links_with_profile, 1);
    compile_log_free(&log);
}

static void test_what_goes_on_from_clangs_own_code_is_counted(void **state)
{
    struct compile_log log = {0};
    size_t count;
    (void)state;
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-llvm-bc\" \"-disable-llvm-passes\" "
                   "\"-fprofile-sample-use=p\" \"-main-file-name\" \"a.c\" \"a.c\"\n");
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-llvm-bc\" \"-flto=thin\" "
                   "\"-fprofile-sample-use=p\" \"-main-file-name\" \"a.c\" \"a.c\"\n");
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-llvm\" \"-main-file-name\" \"b.c\" \"b.c\"\n");
    assert_null(compile_log_later_notes(&log, &count));
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-obj\" \"-fprofile-sample-use=p\" "
                   "\"-main-file-name\" \"a.bc\" \"a.bc\"\n");
    assert_int_equal(log.intermediate, 0);
    assert_int_equal(log.twice, 1);
    add_line(&log, " \"clang\" \"-cc1\" \"-emit-llvm\" \"-fprofile-sample-use=p\" "
                   "\"-main-file-name\" \"c.c\" \"c.c\"\n");
    assert_int_equal(log.intermediate, 1);
    assert_int_equal(log.twice, 1);
    compile_log_free(&log);
}

static void test_units_are_found_as_debug_information_names_them(void **state)
{
    struct compile_log log = {0};
    struct error error;
    char path[] = "/tmp/pgoshim-log-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *stream = fdopen(descriptor, "w");
    (void)state;
    assert_non_null(stream);
    fputs(" \"clang\" \"-cc1\" \"-emit-obj\" \"-fdebug-compilation-dir=/w/o\" "
          "\"-fprofile-sample-use=p\" \"../with \\\"quotes\\\".c\"\n"
          " \"clang\" \"-cc1\" \"-emit-obj\" \"-fdebug-compilation-dir=/w\" \"./plain.c\"\n"
          " \"clang\" \"-cc1\" \"-emit-obj\" \"-fdebug-compilation-dir=/w\" "
          "\"-ffile-prefix-map=/w=/usr/src\" \"-fprofile-sample-use=p\" \"/w/mapped.c\"\n"
          "pgo-bolt: source\t/g\tsub/one.c\t-fdebug-prefix-map=/g=.\n"
          "pgo-bolt: crate\t/r\tcore_lib\n",
          stream);
    fclose(stream);
    assert_true(compile_log_read(&log, path, "x86_64", &error));
    remove(path);
    assert_int_equal(compile_log_find(&log, "/w", "with \"quotes\".c"), COMPILE_WITH);
    assert_int_equal(compile_log_find(&log, "/elsewhere", "/w/plain.c"), COMPILE_WITHOUT);
    assert_int_equal(compile_log_find(&log, "/usr/src", "/usr/src/mapped.c"), COMPILE_WITH);
    assert_int_equal(compile_log_find(&log, "/g/sub", "../sub/one.c"), COMPILE_WITH);
    assert_int_equal(compile_log_find(&log, ".", "sub/one.c"), COMPILE_WITH);
    assert_int_equal(compile_log_find(&log, "/r", "src/lib.rs/@/core_lib.2f1-cgu.0"), COMPILE_WITH);
    assert_int_equal(compile_log_find(&log, "/r", "src/lib.rs/@/core.2f1-cgu.0"), COMPILE_NONE);
    assert_int_equal(compile_log_find(&log, "/w", "other.c"), COMPILE_NONE);
    compile_log_free(&log);
}

static void test_what_is_not_optimised_has_no_use_for_a_profile(void **state)
{
    struct compile_log log = {0};
    (void)state;
    add_line(&log, "pgo-bolt: source\t/w\tc.c\t-O0\n");
    assert_int_equal(log.notes[0].use, COMPILE_UNOPTIMISED);
    add_line(&log, "pgo-bolt: crate\t/w\tapp\t-O0\n");
    assert_int_equal(log.notes[1].use, COMPILE_UNOPTIMISED);
    add_line(&log,
             " \"clang\" \"-cc1\" \"-O0\" \"-emit-obj\" \"-fprofile-sample-use=p\" \"a.c\"\n");
    assert_int_equal(log.notes[2].use, COMPILE_UNOPTIMISED);
    add_line(&log, " \"clang\" \"-cc1\" \"-O0\" \"-emit-obj\" \"a.c\"\n");
    assert_int_equal(log.notes[3].use, COMPILE_WITHOUT);
    compile_log_free(&log);
}

static void test_the_log_names_the_compiler_and_a_profile_of_the_builds_own(void **state)
{
    struct compile_log log = {0};
    (void)state;
    add_line(&log, "pgo-bolt: source\t/w\tc.c\t-fdebug-prefix-map=/w=/x\n");
    assert_string_equal(log.own_profile, "");
    assert_null(log.compiler);
    add_line(&log, "pgo-bolt: source\t/w\td.c\t-fprofile-use=counts\n");
    add_line(&log, "pgo-bolt: source\t/w\te.c\t-fprofile-generate\n");
    assert_string_equal(log.own_profile, "-fprofile-use=counts");
    add_line(&log, " \"/opt/clang\" \"-cc1\" \"-emit-obj\" \"a.c\"\n");
    add_line(&log, " \"/usr/bin/clang\" \"-cc1\" \"-emit-obj\" \"b.c\"\n");
    assert_string_equal(log.compiler, "/opt/clang");
    compile_log_free(&log);
}

/* Writes a text into a file of its own, whose path it returns. */
static const char *file_of(const char *text)
{
    static char path[32];
    strcpy(path, "/tmp/pgoshim-text-XXXXXX");
    FILE *stream = fdopen(mkstemp(path), "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
    return path;
}

static void expect_answer(struct compiler_evidence *evidence, const char *name,
                          enum evidence_answer wanted)
{
    enum evidence_answer answer;
    struct error error;
    assert_true(compiler_evidence_find(evidence, NULL, 0, name, strlen(name), &answer, &error));
    assert_int_equal(answer, wanted);
}

static void test_gcc_tells_of_each_function_whether_it_has_counts(void **state)
{
    struct compiler_evidence evidence = {.toolchain = TOOLCHAIN_GCC};
    struct error error;
    const char *path = file_of("_Z3hoti/2 (int hot(int)) @0x7f930c974330\n"
                               "  Function flags: count:10000051 (auto FDO) body hot\n"
                               "cold.part.0/7 (cold)\n"
                               "  Function flags: count:1073741824 (estimated locally) body\n"
                               "puts/9 (puts) @0x7f\n"
                               "  Function flags:\n");
    (void)state;
    assert_true(compiler_evidence_read_table(&evidence, path, &error));
    remove(path);
    expect_answer(&evidence, "_Z3hoti", EVIDENCE_COUNTS);
    expect_answer(&evidence, "_Z3hoti.cold", EVIDENCE_COUNTS);
    expect_answer(&evidence, "cold", EVIDENCE_NOTHING);
    expect_answer(&evidence, "puts", EVIDENCE_UNTOLD);
    expect_answer(&evidence, "main", EVIDENCE_UNTOLD);
    compiler_evidence_free(&evidence);
}

static void test_llvm_remarks_on_functions_whose_places_it_finds(void **state)
{
    struct compiler_evidence evidence = {.toolchain = TOOLCHAIN_RUSTC, .has_remarks = true};
    struct error error;
    const char *path = file_of("--- !Analysis\n"
                               "Pass:            sample-profile-impl\n"
                               "Name:            AppliedSamples\n"
                               "Function:        'step.llvm.12'\n"
                               "Args:\n"
                               "  - NumSamples:      '2000'\n"
                               "...\n"
                               "--- !Passed\n"
                               "Pass:            sample-profile\n"
                               "Name:            PopularDest\n"
                               "Function:        other\n"
                               "...\n");
    (void)state;
    assert_true(compiler_evidence_read_remarks(&evidence, path, &error));
    remove(path);
    expect_answer(&evidence, "step", EVIDENCE_COUNTS);
    expect_answer(&evidence, "other", EVIDENCE_NOTHING);
    compiler_evidence_free(&evidence);
}

static void expect_plain(const char *name, const char *wanted)
{
    char plain[128];
    assert_int_equal(built_plain_name(name, strlen(name), plain), wanted != NULL);
    assert_string_equal(plain, wanted ? wanted : name);
}

static void test_names_are_the_same_but_for_paths_and_hashes(void **state)
{
    (void)state;
    expect_plain("_ZL4stepjj.__uniq.33761234", "_ZL4stepjj");
    expect_plain("step", NULL);
    expect_plain("_ZN3app4work17h0123456789abcdefE", "_ZN3app4work");
    expect_plain("_ZN3app4workE", NULL);
    expect_plain("_RNvCs1aB2_3app4work", "_RNvC3app4work");
    expect_plain("_RNvC3app4work", NULL);
}

static void test_links_are_found_by_the_name_of_what_they_make(void **state)
{
    struct compile_log log = {0};
    (void)state;
    add_line(&log, " \"ld.lld\" \"-o\" \"out/app\" \"-plugin-opt=thinlto\" "
                   "\"-plugin-opt=sample-profile=/p\" \"a.o\"\n");
    assert_int_equal(compile_log_find_link(&log, "app"), COMPILE_WITH);
    assert_int_equal(compile_log_find_link(&log, "out"), COMPILE_NONE);
    compile_log_free(&log);
    add_line(&log, " \"ld.lld\" \"-o\" \"app\" \"a.o\"\n");
    assert_int_equal(compile_log_find_link(&log, "app"), COMPILE_WITHOUT);
    assert_int_equal(log.links, 1);
    assert_int_equal(log.links_with_profile, 0);
    compile_log_free(&log);
    /* What the driver prints of a command that is too long for one. */
    add_line(&log, " \"/usr/bin/ld.lld\" \"@/tmp/response-1.txt\"\n");
    add_line(&log, " Arguments passed via response file:\n");
    add_line(&log, "\"-o\" \"app\" \"-plugin-opt=sample-profile=/p\" \"a.o\"\n");
    assert_int_equal(compile_log_find_link(&log, "app"), COMPILE_WITH);
    add_line(&log,
             "\"-emit-obj\" \"-main-file-name\" \"a.c\" \"-fprofile-sample-use=p\" \"-o\" \"a.o\" "
             "\"a.c\"\n");
    assert_int_equal(log.links, 1);
    assert_int_equal(log.with_profile, 1);
    compile_log_free(&log);
}

static void test_most_code_decides_the_toolchain(void **state)
{
    struct compilation compilation = {0};
    (void)state;
    assert_int_equal(advice_toolchain(&compilation), TOOLCHAIN_AUTO);
    strcpy(compilation.parts[COMPILER_GCC].producer, "GNU C17 12.2.0");
    compilation.parts[COMPILER_GCC].code_size = 4000;
    strcpy(compilation.parts[COMPILER_CLANG].producer, "clang version 22.1.8");
    compilation.parts[COMPILER_CLANG].code_size = 5000;
    strcpy(compilation.parts[COMPILER_OTHER].producer, "GNU AS 2.40");
    compilation.parts[COMPILER_OTHER].code_size = 9000;
    assert_int_equal(advice_toolchain(&compilation), TOOLCHAIN_CLANG);
    /* Without debug information gcc is named for the C library's start-up code as well. */
    compilation.parts[COMPILER_GCC].code_size = compilation.parts[COMPILER_CLANG].code_size = 0;
    assert_int_equal(advice_toolchain(&compilation), TOOLCHAIN_CLANG);
}

static void test_flags_are_those_of_the_recorded_build(void **state)
{
    struct compilation recorded = {0};
    struct compiler_found compiler = {0};
    static struct compiler_flags flags;
    (void)state;
    compiler_use_flags(TOOLCHAIN_CLANG, &compiler, "/p", &recorded, false, &flags);
    assert_int_equal(flags.count, 2);
    assert_string_equal(flags.words[0], "-Wno-error=backend-plugin");
    assert_string_equal(flags.words[1], "-fprofile-sample-use=/p");
    recorded.has_probes = recorded.has_unique_names = true;
    compiler_use_flags(TOOLCHAIN_CLANG, &compiler, "/p", &recorded, false, &flags);
    assert_string_equal(flags.words[0], "-funique-internal-linkage-names");
    assert_string_equal(flags.words[1], "-fpseudo-probe-for-profiling");
    compiler_use_flags(TOOLCHAIN_RUSTC, &compiler, "/p", &recorded, false, &flags);
    assert_string_equal(flags.words[0], "-Zprofile-sample-use=/p");
    compiler.has_stable_option = true;
    compiler_use_flags(TOOLCHAIN_RUSTC, &compiler, "/p", &recorded, false, &flags);
    assert_string_equal(flags.words[0], "-Cprofile-sample-use=/p");
    recorded.has_legacy_names = true;
    compiler_debug_flags(TOOLCHAIN_RUSTC, &recorded, &flags);
    assert_string_equal(flags.words[flags.count - 1], "-Csymbol-mangling-version=legacy");
}

/* rustc dumps with -Z, which changes the names of functions, and builds without. */
static void test_dumps_and_builds_of_rustc_name_functions_alike(void **state)
{
    struct compilation recorded = {0};
    static struct compiler_flags dump, use;
    (void)state;
    recorded.parts[COMPILER_RUSTC].has_discriminators = true;
    compiler_dump_flags(TOOLCHAIN_RUSTC, &recorded, "/d", &dump);
    compiler_counter_flags(TOOLCHAIN_RUSTC, "/p", &recorded, &use);
    assert_string_equal(dump.words[0], "-Zdebug-info-for-profiling");
    assert_string_equal(dump.words[1], "-Csymbol-mangling-version=v0");
    assert_string_equal(use.words[0], "-Csymbol-mangling-version=v0");
    recorded.has_legacy_names = true;
    compiler_dump_flags(TOOLCHAIN_RUSTC, &recorded, "/d", &dump);
    compiler_counter_flags(TOOLCHAIN_RUSTC, "/p", &recorded, &use);
    assert_string_equal(dump.words[0], "-Cprofile-generate");
    assert_string_equal(use.words[0], "-Cprofile-use=/p");
}

static void test_gcc_gets_the_version_that_it_reads(void **state)
{
    (void)state;
    assert_string_equal(compiler_format(TOOLCHAIN_GCC, 10), "gcov-1");
    assert_string_equal(compiler_format(TOOLCHAIN_GCC, 12), "gcov");
    assert_string_equal(compiler_format(TOOLCHAIN_RUSTC, 22), "llvm-ext");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_makes_code_is_a_compilation),
        cmocka_unit_test(test_other_machines_code_is_none_of_the_programs),
        cmocka_unit_test(test_a_profile_of_the_builds_own_is_not_ours),
        cmocka_unit_test(test_what_goes_on_from_clangs_own_code_is_counted),
        cmocka_unit_test(test_units_are_found_as_debug_information_names_them),
        cmocka_unit_test(test_what_is_not_optimised_has_no_use_for_a_profile),
        cmocka_unit_test(test_the_log_names_the_compiler_and_a_profile_of_the_builds_own),
        cmocka_unit_test(test_gcc_tells_of_each_function_whether_it_has_counts),
        cmocka_unit_test(test_llvm_remarks_on_functions_whose_places_it_finds),
        cmocka_unit_test(test_names_are_the_same_but_for_paths_and_hashes),
        cmocka_unit_test(test_links_are_found_by_the_name_of_what_they_make),
        cmocka_unit_test(test_most_code_decides_the_toolchain),
        cmocka_unit_test(test_flags_are_those_of_the_recorded_build),
        cmocka_unit_test(test_dumps_and_builds_of_rustc_name_functions_alike),
        cmocka_unit_test(test_gcc_gets_the_version_that_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
