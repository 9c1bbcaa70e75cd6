/* Functions come behind who calls them most, and dense clusters come first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/model/counts/call_graph.h"

static struct error error;

/* Sizes and weights of functions 0, 1, …, and calls by callee and caller. */
struct made_up {
    struct function functions[8];
    struct call_node nodes[8];
    struct call_graph graph;
};

static void make_up(struct made_up *made, const uint64_t (*functions)[2], size_t count,
                    struct call_edge *edges, size_t edge_count)
{
    *made = (struct made_up){.graph = {made->nodes, count, 8, edges, edge_count, edge_count}};
    for (size_t i = 0; i < count; i++) {
        made->functions[i] = (struct function){.address = 0x1000 * i, .size = functions[i][0]};
        made->nodes[i] = (struct call_node){&made->functions[i], functions[i][1]};
    }
}

static void expect_order(const struct made_up *made, const uint32_t *expected)
{
    uint32_t *order = call_graph_order(&made->graph, &error);
    assert_non_null(order);
    assert_memory_equal(order, expected, made->graph.node_count * sizeof(*order));
    free(order);
}

static void callees_follow_their_most_frequent_caller(void **state)
{
    (void)state;
    struct made_up made;
    uint64_t functions[][2] = {{100, 10}, {100, 90}, {100, 50}, {100, 70}};
    struct call_edge edges[] = {{1, 2, 5}, {3, 2, 6}, {0, 3, 9}};
    make_up(&made, functions, 4, edges, 3);
    expect_order(&made, (uint32_t[]){1, 0, 3, 2});
}

static void calls_in_a_circle_are_one_chain(void **state)
{
    (void)state;
    struct made_up made;
    uint64_t functions[][2] = {{100, 30}, {100, 20}, {100, 10}};
    struct call_edge edges[] = {{2, 0, 1}, {0, 1, 1}, {1, 2, 1}};
    make_up(&made, functions, 3, edges, 3);
    expect_order(&made, (uint32_t[]){2, 0, 1});
}

static void a_large_cold_callee_does_not_thin_out_hot_code(void **state)
{
    (void)state;
    struct made_up made;
    uint64_t functions[][2] = {{100, 1000}, {100000, 1}, {100, 500}};
    struct call_edge edges[] = {{0, 1, 1}, {1, 2, 1}};
    make_up(&made, functions, 3, edges, 2);
    expect_order(&made, (uint32_t[]){0, 1, 2});
}

static void clusters_stay_below_their_largest_size(void **state)
{
    (void)state;
    struct made_up made;
    uint64_t functions[][2] = {{0x90000, 10}, {0x80000, 20}};
    struct call_edge edges[] = {{0, 1, 3}};
    make_up(&made, functions, 2, edges, 1);
    expect_order(&made, (uint32_t[]){1, 0});
}

static void without_functions_there_is_no_order(void **state)
{
    (void)state;
    struct call_graph graph = {0};
    uint32_t *order = call_graph_order(&graph, &error);
    assert_non_null(order);
    free(order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callees_follow_their_most_frequent_caller),
        cmocka_unit_test(calls_in_a_circle_are_one_chain),
        cmocka_unit_test(a_large_cold_callee_does_not_thin_out_hot_code),
        cmocka_unit_test(clusters_stay_below_their_largest_size),
        cmocka_unit_test(without_functions_there_is_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
