/* Long names of templates and generics keep what tells functions apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/abbreviate.h"
#include "analyzer/base/demangle.h"

static void expect(const char *name, size_t size, const char *wanted)
{
    char text[512];
    snprintf(text, sizeof(text), "%s", name);
    assert_ptr_equal(name_abbreviate(text, size), text);
    assert_string_equal(text, wanted);
}

static void a_name_that_fits_stays(void **state)
{
    (void)state;
    expect("std::vector<long long>::push_back", 33, "std::vector<long long>::push_back");
    expect("a_function_of_c_with_a_long_name", 10, "a_function_of_c_with_a_long_name");
    expect("", 0, "");
}

static void inner_arguments_go_before_outer_ones(void **state)
{
    (void)state;
    const char *name = "map<pair<basic_string<char>, long>, list<int> >::find<key_type>";
    expect(name, 62, "map<pair<basic_string<...>, long>, list<int> >::find<key_type>");
    expect(name, 50, "map<pair<...>, list<int> >::find<key_type>");
    expect(name, 40, "map<...>::find<...>");
    expect(name, 4, "map<...>::find<...>");
}

static void arguments_no_longer_than_their_dots_stay(void **state)
{
    (void)state;
    expect("array<int>::at<long double>::x", 10, "array<int>::at<...>::x");
}

static void brackets_of_operators_are_none(void **state)
{
    (void)state;
    expect("operator< <basic_string<char>, vector<int> >", 20, "operator< <...>");
    expect("ns::operator<< <basic_string<char> >", 20, "ns::operator<< <...>");
    expect("list<long double>::operator->", 20, "list<...>::operator->");
    expect("list<long double>::operator>>", 20, "list<...>::operator>>");
    expect("list<long double>::operator<=>", 20, "list<...>::operator<=>");
    expect("call<fn(int) -> basic>::go", 20, "call<...>::go");
    expect("my_operator<long double>::x", 20, "my_operator<...>::x");
}

static void rust_names_keep_type_and_trait(void **state)
{
    (void)state;
    const char *name = "<core::iter::Map<I,Closure> as core::iter::Iterator>::next";
    const char *shorter = "<core::iter::Map<...> as core::iter::Iterator>::next";
    expect(name, 60, name);
    expect(name, 55, shorter);
    expect(name, 20, shorter);
    expect("<alloc::Vec<Element> as Extend>::extend::<Filter<Element>>", 20,
           "<alloc::Vec<...> as Extend>::extend::<...>");
    expect("<str>::find", 4, "<str>::find");
}

static void brackets_that_do_not_match_stay(void **state)
{
    (void)state;
    expect("a<b<c<d<e<f<g", 4, "a<b<c<d<e<f<g");
    expect("a>>>>>>>>>>b", 4, "a>>>>>>>>>>b");
    expect("><><><long double>", 4, "><><><long double>");
}

static void any_depth_of_nesting_is_abbreviated(void **state)
{
    (void)state;
    char name[400] = "";
    for (int i = 0; i < 60; i++)
        strcat(name, "ab<");
    for (int i = 0; i < 60; i++)
        strcat(name, ">");
    expect(name, 40, "ab<ab<ab<ab<ab<ab<ab<ab<ab<...>>>>>>>>>");
    expect(name, 7, "ab<...>");
}

static void both_ends_stay_where_the_middle_is_cut(void **state)
{
    (void)state;
    char name[] = "abcdefghijklmnop";
    assert_string_equal(name_cut_middle(name, 16), "abcdefghijklmnop");
    assert_string_equal(name_cut_middle(name, 11), "abcd...mnop");
    char tiny[] = "abcdefgh";
    assert_string_equal(name_cut_middle(tiny, 3), "abcdefgh");
    char letters[] = "ääääääääääääää";
    assert_string_equal(name_cut_middle(letters, 12), "ää...ää");
}

static void functions_of_one_template_are_told_apart(void **state)
{
    (void)state;
    char first[64], second[64];
    demangle_name(
        "_ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6insertEv",
        first, sizeof(first));
    demangle_name(
        "_ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6removeEv.cold",
        second, sizeof(second));
    assert_string_equal(first, "company::product::Container<...>::insert");
    assert_string_equal(second, "company::product::Container<...>::remove.cold");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_fits_stays),
        cmocka_unit_test(inner_arguments_go_before_outer_ones),
        cmocka_unit_test(arguments_no_longer_than_their_dots_stay),
        cmocka_unit_test(brackets_of_operators_are_none),
        cmocka_unit_test(rust_names_keep_type_and_trait),
        cmocka_unit_test(brackets_that_do_not_match_stay),
        cmocka_unit_test(any_depth_of_nesting_is_abbreviated),
        cmocka_unit_test(both_ends_stay_where_the_middle_is_cut),
        cmocka_unit_test(functions_of_one_template_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
