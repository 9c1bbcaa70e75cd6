/* Which functions of a profile take the names of another build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/toolchain/renaming.h"

static void add_name(struct names *names, const char *name)
{
    struct error error;
    assert_non_null(names_intern(names, name, strlen(name), &error));
}

static struct sample_function *add_function(struct sample_profile *samples,
                                            struct sample_function *parent, const char *name)
{
    struct error error;
    const char *own = sample_profile_name(samples, name, strlen(name), &error);
    struct sample_function *function =
        sample_function_inlined(parent, (struct sample_place){1, 0}, own, &error);
    assert_non_null(function);
    return function;
}

/* What becomes of one name where the build has these, the last of them NULL. */
static void expect(const char *name, const char *wanted, const char *const *made)
{
    struct sample_profile samples = {0};
    struct names names = {0};
    struct error error;
    size_t renamed;
    struct sample_function *function = add_function(&samples, &samples.top, name);
    for (; *made; made++)
        add_name(&names, *made);
    assert_true(renaming_apply(&samples, &names, &renamed, &error));
    assert_string_equal(function->name, wanted);
    assert_int_equal(renamed, strcmp(name, wanted) != 0);
    names_free(&names);
    sample_profile_free(&samples);
}

static void test_a_name_alike_but_for_path_or_hash_is_taken(void **state)
{
    (void)state;
    expect("step.__uniq.12", "step.__uniq.34",
           (const char *const[]){"main", "step.__uniq.34", "stop.__uniq.34", NULL});
    expect("_ZN3app4work17h0123456789abcdefE", "_ZN3app4work17hfedcba9876543210E",
           (const char *const[]){"_ZN3app4work17hfedcba9876543210E",
                                 "_ZN3app5work217hfedcba9876543210E", NULL});
    expect("_RNvCs1abc_3app4work", "_RNvCs2def_3app4work",
           (const char *const[]){"_RNvCs2def_3app4work", "_RNvCs2def_3lib4work", NULL});
}

static void test_a_name_of_the_build_stays(void **state)
{
    (void)state;
    expect("step.__uniq.12", "step.__uniq.12",
           (const char *const[]){"step.__uniq.12", "step.__uniq.34", NULL});
    expect("plain", "plain", (const char *const[]){"plain.__uniq.1", NULL});
}

static void test_nothing_is_taken_where_two_are_alike(void **state)
{
    struct sample_profile samples = {0};
    struct names names = {0};
    struct error error;
    size_t renamed;
    (void)state;
    expect("step.__uniq.12", "step.__uniq.12",
           (const char *const[]){"step.__uniq.34", "step.__uniq.56", NULL});
    /* One of the two has no samples, and is known by its symbol. */
    struct sample_function *step = add_function(&samples, &samples.top, "step.__uniq.1");
    add_name(&samples.symbols, "step.__uniq.2");
    add_name(&names, "step.__uniq.3");
    assert_true(renaming_apply(&samples, &names, &renamed, &error));
    assert_int_equal(renamed, 0);
    assert_string_equal(step->name, "step.__uniq.1");
    names_free(&names);
    sample_profile_free(&samples);
}

static void test_all_that_names_a_function_is_renamed(void **state)
{
    struct sample_profile samples = {0};
    struct names names = {0};
    struct error error;
    size_t renamed;
    (void)state;
    struct sample_function *outer = add_function(&samples, &samples.top, "main");
    struct sample_function *inner = add_function(&samples, outer, "step.__uniq.1");
    struct sample_record *record =
        sample_function_record(outer, (struct sample_place){2, 0}, &error);
    assert_true(sample_record_add_target(record, inner->name, 5, &error));
    add_name(&samples.symbols, "step.__uniq.1");
    add_name(&samples.symbols, "cold.__uniq.1");
    add_name(&names, "step.__uniq.2");
    add_name(&names, "cold.__uniq.2");
    assert_true(renaming_apply(&samples, &names, &renamed, &error));
    assert_int_equal(renamed, 2);
    assert_string_equal(inner->name, "step.__uniq.2");
    assert_string_equal(outer->records[0].targets[0].function, "step.__uniq.2");
    assert_int_equal(samples.symbols.count, 2);
    assert_non_null(names_find(&samples.symbols, "cold.__uniq.2", strlen("cold.__uniq.2")));
    names_free(&names);
    sample_profile_free(&samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_alike_but_for_path_or_hash_is_taken),
        cmocka_unit_test(test_a_name_of_the_build_stays),
        cmocka_unit_test(test_nothing_is_taken_where_two_are_alike),
        cmocka_unit_test(test_all_that_names_a_function_is_renamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
