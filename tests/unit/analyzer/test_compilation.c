/* What came with the compiler is told from the project, whoever packaged the compiler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/model/debug/compilation.h"

static void the_standard_library_is_known_in_packages_of_systems_too(void **state)
{
    (void)state;
    assert_true(compilation_is_rust_library(
        "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860",
        "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/lib.rs/@/std.f892-cgu.0"));
    assert_true(compilation_is_rust_library(
        "/usr/src/rustc-1.96.0", "/usr/src/rustc-1.96.0/library/core/src/lib.rs/@/core.907-cgu.0"));
    assert_true(compilation_is_rust_library(
        "/builddir/build/BUILD/rustc-1.90.0-src",
        "/builddir/build/BUILD/rustc-1.90.0-src/library/alloc/src/lib.rs/@/alloc.6c7e-cgu.0"));
    assert_true(
        compilation_is_rust_library("/rust/deps/hashbrown-0.16.1",
                                    "/rust/deps/hashbrown-0.16.1/src/lib.rs/@/hashbrown.47-cgu.0"));
}

static void a_project_is_none_of_the_standard_library(void **state)
{
    (void)state;
    assert_false(compilation_is_rust_library("/home/user/project", "src/main.rs/@/app.955c-cgu.0"));
    assert_false(compilation_is_rust_library("/home/user/project",
                                             "library/core/src/lib.rs/@/core.1-cgu.0"));
    assert_false(compilation_is_rust_library(
        "/home/user/.cargo/registry/src/index-1/memchr-2.7.4",
        "/home/user/.cargo/registry/src/index-1/memchr-2.7.4/src/lib.rs/@/memchr.4-cgu.0"));
    assert_false(compilation_is_rust_library("", "/library/core/src/lib.rs/@/core.1-cgu.0"));
    assert_false(compilation_is_rust_library("/", "/library/core/src/lib.rs/@/core.1-cgu.0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standard_library_is_known_in_packages_of_systems_too),
        cmocka_unit_test(a_project_is_none_of_the_standard_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
