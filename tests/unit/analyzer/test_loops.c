/* Loops are what all ways in go through one block of, whatever order the code is in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/model/code/loops.h"

static struct error error;

static void find(struct loops *loops, size_t blocks, const struct loop_edge *edges, size_t count)
{
    assert_true(loops_find(loops, blocks, edges, count, &error));
}

#define FIND(loops, blocks, ...)                                                                   \
    do {                                                                                           \
        const struct loop_edge edges[] = {__VA_ARGS__};                                            \
        find(loops, blocks, edges, sizeof(edges) / sizeof(*edges));                                \
    } while (0)

static void a_branch_back_is_a_loop(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 4, {0, 1}, {1, 2}, {2, 1}, {2, 3});
    assert_int_equal(loops.count, 1);
    assert_int_equal(loops.items[0].header, 1);
    assert_int_equal(loops.items[0].depth, 1);
    assert_true(loops_contain(&loops, 0, 1));
    assert_true(loops_contain(&loops, 0, 2));
    assert_false(loops_contain(&loops, 0, 0));
    assert_false(loops_contain(&loops, 0, 3));
    loops_free(&loops);
}

static void a_block_may_be_its_own_loop(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 3, {0, 1}, {1, 1}, {1, 2});
    assert_int_equal(loops.count, 1);
    assert_int_equal(loops.items[0].header, 1);
    assert_int_equal(loops.innermost[1], 0);
    loops_free(&loops);
}

static void the_first_block_may_be_a_header(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 2, {0, 1}, {1, 0});
    assert_int_equal(loops.count, 1);
    assert_int_equal(loops.items[0].header, 0);
    loops_free(&loops);
}

static void loops_are_nested(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 6, {0, 1}, {1, 2}, {2, 3}, {3, 2}, {3, 4}, {4, 1}, {4, 5});
    assert_int_equal(loops.count, 2);
    assert_int_equal(loops.items[0].header, 1);
    assert_int_equal(loops.items[1].header, 2);
    assert_int_equal(loops.items[1].parent, 0);
    assert_int_equal(loops.items[1].depth, 2);
    assert_true(loops_contain(&loops, 0, 3));
    assert_int_equal(loops.innermost[4], 0);
    loops_free(&loops);
}

/* The header stands behind its body, as compilers and BOLT lay out loops. */
static void the_order_of_the_code_does_not_matter(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 5, {0, 3}, {3, 1}, {1, 2}, {2, 3}, {3, 4});
    assert_int_equal(loops.count, 1);
    assert_int_equal(loops.items[0].header, 3);
    assert_true(loops_contain(&loops, 0, 1));
    assert_true(loops_contain(&loops, 0, 2));
    assert_false(loops_contain(&loops, 0, 4));
    loops_free(&loops);
}

static void ways_into_the_middle_make_no_loop(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 4, {0, 1}, {0, 2}, {1, 2}, {2, 1}, {1, 3});
    assert_int_equal(loops.count, 0);
    loops_free(&loops);
}

static void two_ways_back_are_one_loop(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 5, {0, 1}, {1, 2}, {1, 3}, {2, 1}, {3, 1}, {3, 4});
    assert_int_equal(loops.count, 1);
    assert_true(loops_contain(&loops, 0, 2));
    assert_true(loops_contain(&loops, 0, 3));
    loops_free(&loops);
}

/* Landing pads and what cold parts come back to are entered from elsewhere. */
static void blocks_that_nothing_leads_to_are_entries(void **state)
{
    (void)state;
    struct loops loops;
    FIND(&loops, 4, {2, 3}, {3, 2});
    assert_int_equal(loops.count, 0); /* nothing enters that circle */
    loops_free(&loops);
    FIND(&loops, 4, {1, 2}, {2, 3}, {3, 2});
    assert_int_equal(loops.count, 1);
    assert_int_equal(loops.items[0].header, 2);
    loops_free(&loops);
}

static void a_function_without_blocks_has_none(void **state)
{
    (void)state;
    struct loops loops;
    find(&loops, 0, NULL, 0);
    assert_int_equal(loops.count, 0);
    loops_free(&loops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_back_is_a_loop),
        cmocka_unit_test(a_block_may_be_its_own_loop),
        cmocka_unit_test(the_first_block_may_be_a_header),
        cmocka_unit_test(loops_are_nested),
        cmocka_unit_test(the_order_of_the_code_does_not_matter),
        cmocka_unit_test(ways_into_the_middle_make_no_loop),
        cmocka_unit_test(two_ways_back_are_one_loop),
        cmocka_unit_test(blocks_that_nothing_leads_to_are_entries),
        cmocka_unit_test(a_function_without_blocks_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
