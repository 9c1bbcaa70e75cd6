/* Names of C++, Rust and D are shown as people wrote them, others as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analyzer/base/demangle.h"

static void expect(const char *name, const char *wanted)
{
    char text[256];
    assert_ptr_equal(demangle_name(name, text, sizeof(text)), text);
    assert_string_equal(text, wanted);
}

static void cxx_names_lose_their_parameters(void **state)
{
    (void)state;
    expect("_Z15scale_elsewherej", "scale_elsewhere");
    expect("_ZNK12_GLOBAL__N_16square4areaEj", "(anonymous namespace)::square::area");
    expect("_ZSt4sortIPiEvT_S1_", "std::sort<int*>");
}

static void rust_names_of_both_kinds(void **state)
{
    (void)state;
    expect("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad");
    expect("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar");
}

static void copies_say_that_they_are(void **state)
{
    (void)state;
    expect("_ZN3foo3barEv.cold", "foo::bar.cold");
    expect("_ZN3foo3barEv.constprop.0.cold", "foo::bar.constprop.0.cold");
    expect("_ZN3foo3barEv.warm", "foo::bar.warm");
}

static void parts_of_coroutines_say_which(void **state)
{
    (void)state;
    expect("_Z4walkj.resume", "walk.resume");
    expect("_Z4walkj.destroy", "walk.destroy");
    expect("_Z4walkj.cleanup", "walk.cleanup");
    expect("_Z4walkPZ4walkjE14_Z4walkj.Frame.actor", "walk.actor");
    expect("_Z4walkPZ4walkjE14_Z4walkj.Frame.destroy", "walk.destroy");
}

static void names_that_were_made_unique_are_the_same_function(void **state)
{
    (void)state;
    expect("_ZL3fooi.__uniq.123.llvm.4", "foo");
    expect("_RNvNtCs1234_7mycrate3foo3bar.llvm.1234", "mycrate::foo::bar");
    expect("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE.llvm.123", "core::fmt::Formatter::pad");
}

static void names_of_d(void **state)
{
    (void)state;
    expect("_D8demangle4testFZv", "demangle.test()");
    expect("_D3", "_D3");
    expect("_Dx", "_Dx");
}

static void other_names_stay(void **state)
{
    (void)state;
    expect("main", "main");
    expect("sqlite3VdbeExec", "sqlite3VdbeExec");
    expect("_Znonsense", "_Znonsense");
    expect("$s4main3fooyyF", "$s4main3fooyyF"); /* Swift's: nothing here knows them */
    expect("bad\033[31m", "bad?[31m");
    expect("", "");
}

static void long_names_are_cut(void **state)
{
    (void)state;
    char text[8];
    demangle_name("_Z15scale_elsewherej", text, sizeof(text));
    assert_string_equal(text, "sc...re");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cxx_names_lose_their_parameters),
        cmocka_unit_test(rust_names_of_both_kinds),
        cmocka_unit_test(copies_say_that_they_are),
        cmocka_unit_test(parts_of_coroutines_say_which),
        cmocka_unit_test(names_that_were_made_unique_are_the_same_function),
        cmocka_unit_test(names_of_d),
        cmocka_unit_test(other_names_stay),
        cmocka_unit_test(long_names_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
