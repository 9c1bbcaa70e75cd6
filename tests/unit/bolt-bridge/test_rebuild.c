/* What is read of compilers' own notes, and who is to use a profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/toolchain/advice.h"
#include "bolt-bridge/toolchain/injection.h"

static void test_only_what_makes_code_is_a_compilation(void **state)
{
    uint64_t runs = 0, with_profile = 0;
    (void)state;
    injection_read_line("[Logging clang options]\n", &runs, &with_profile);
    injection_read_line(" \"/usr/bin/ld\" \"-o\" \"a\" \"a.o\"\n", &runs, &with_profile);
    injection_read_line(" \"/usr/bin/clang\" \"-cc1\" \"-E\" \"-fprofile-sample-use=p\" \"a.c\"\n",
                        &runs, &with_profile);
    assert_int_equal(runs, 0);
    injection_read_line(" \"/usr/bin/clang\" \"-cc1\" \"-emit-obj\" \"a.c\"\n", &runs,
                        &with_profile);
    injection_read_line(
        " \"/usr/bin/clang\" \"-cc1\" \"-emit-llvm-bc\" \"-fprofile-sample-use=p\" \"b.c\"\n",
        &runs, &with_profile);
    assert_int_equal(runs, 2);
    assert_int_equal(with_profile, 1);
    injection_read_line("pgo-bolt: used cc1plus\n", &runs, &with_profile);
    assert_int_equal(runs, 3);
    assert_int_equal(with_profile, 2);
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
    compiler_use_flags(TOOLCHAIN_CLANG, &compiler, "/p", &recorded, &flags);
    assert_int_equal(flags.count, 1);
    assert_string_equal(flags.words[0], "-fprofile-sample-use=/p");
    recorded.has_probes = recorded.has_unique_names = true;
    compiler_use_flags(TOOLCHAIN_CLANG, &compiler, "/p", &recorded, &flags);
    assert_string_equal(flags.words[0], "-funique-internal-linkage-names");
    assert_string_equal(flags.words[1], "-fpseudo-probe-for-profiling");
    compiler_use_flags(TOOLCHAIN_RUSTC, &compiler, "/p", &recorded, &flags);
    assert_string_equal(flags.words[0], "-Zprofile-sample-use=/p");
    compiler.has_stable_option = true;
    compiler_use_flags(TOOLCHAIN_RUSTC, &compiler, "/p", &recorded, &flags);
    assert_string_equal(flags.words[0], "-Cprofile-sample-use=/p");
    recorded.has_legacy_names = true;
    compiler_debug_flags(TOOLCHAIN_RUSTC, &recorded, &flags);
    assert_string_equal(flags.words[flags.count - 1], "-Csymbol-mangling-version=legacy");
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
        cmocka_unit_test(test_most_code_decides_the_toolchain),
        cmocka_unit_test(test_flags_are_those_of_the_recorded_build),
        cmocka_unit_test(test_gcc_gets_the_version_that_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
