/* A function's cost is counted once a call stack, whoever calls it and however deep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/view/function_costs.h"

static struct error error;
static struct binary *self;

__attribute__((noinline, used)) static int outer(int x)
{
    return x * 3 + 1;
}

__attribute__((noinline, used)) static int inner(int x)
{
    return x * 5 - 1;
}

__attribute__((noinline, used)) static int inner_most(int x)
{
    return x * 7 - 2;
}

static struct location place(const char *name, uint64_t offset)
{
    for (size_t i = 0; i < binary_function_count(self); i++) {
        if (strcmp(binary_function(self, i)->name, name) == 0)
            return (struct location){0, binary_function(self, i)->address + offset};
    }
    fail_msg("no %s in this program", name);
    return (struct location){0};
}

struct made_profile {
    struct profile *profile;
    struct binaries *binaries;
    struct function_costs costs;
};

static void begin(struct made_profile *made)
{
    struct module module = {.path = (char *)binary_path(self), .is_main = true};
    uint32_t number;
    const uint8_t *build_id = binary_build_id(self, &module.build_id_size);
    memcpy(module.build_id, build_id, module.build_id_size);
    made->profile = profile_new(&error);
    assert_true(profile_add_module(made->profile, &module, &number, &error));
}

/* A frame; returns its number as a parent. */
static uint32_t frame(struct made_profile *made, uint32_t parent, struct location location,
                      uint64_t count)
{
    struct stack_node node = {.parent = parent, .location = location, .count = count};
    assert_true(profile_add_stack(made->profile, &node, &error));
    if (count > 0) {
        struct trace sample = {.from = {PROFILE_MODULE_NONE, 0}, .to = location, .count = count};
        assert_true(profile_add_trace(made->profile, &sample, &error));
    }
    return (uint32_t)made->profile->stack_count;
}

static void add_up(struct made_profile *made)
{
    assert_true(profile_normalise(made->profile, &error));
    made->binaries = binaries_new(made->profile, &error);
    assert_true(function_costs_find(&made->costs, made->profile, made->binaries,
                                    PROFILE_MODULE_NONE, &error));
}

static void end(struct made_profile *made)
{
    function_costs_free(&made->costs);
    binaries_free(made->binaries);
    profile_free(made->profile);
}

static const struct function_cost *cost_of(const struct made_profile *made, const char *name)
{
    size_t index = 0;
    assert_true(function_costs_named(&made->costs, name, PROFILE_MODULE_NONE, &index, &error));
    return &made->costs.items[index];
}

static const struct function_call *call(const struct made_profile *made, const char *caller,
                                        const char *callee)
{
    const struct function_cost *from = cost_of(made, caller);
    const struct function_cost *to = cost_of(made, callee);
    for (size_t i = 0; i < made->costs.call_count; i++) {
        const struct function_call *found = &made->costs.calls[i];
        if (&made->costs.items[found->caller] == from && &made->costs.items[found->callee] == to)
            return found;
    }
    return NULL;
}

static void costs_are_of_the_function_and_of_what_it_calls(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    uint32_t root = frame(&made, 0, place("outer", 2), 10);
    frame(&made, root, place("inner", 1), 30);
    add_up(&made);
    assert_int_equal(made.costs.stacks, 40);
    assert_int_equal(made.costs.samples, 40);
    assert_int_equal(cost_of(&made, "outer")->self, 10);
    assert_int_equal(cost_of(&made, "outer")->total, 40);
    assert_int_equal(cost_of(&made, "inner")->self, 30);
    assert_int_equal(cost_of(&made, "inner")->total, 30);
    assert_int_equal(call(&made, "outer", "inner")->samples, 30);
    end(&made);
}

static void recursion_counts_once_a_stack(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    uint32_t root = frame(&made, 0, place("outer", 2), 1);
    uint32_t first = frame(&made, root, place("inner", 1), 2);
    uint32_t second = frame(&made, first, place("inner", 2), 4);
    uint32_t back = frame(&made, second, place("outer", 3), 8);
    frame(&made, back, place("inner", 1), 16);
    add_up(&made);
    assert_int_equal(cost_of(&made, "outer")->total, 31);
    assert_int_equal(cost_of(&made, "inner")->total, 30);
    assert_int_equal(call(&made, "outer", "inner")->samples, 30);
    assert_int_equal(call(&made, "inner", "inner")->samples, 28);
    assert_int_equal(call(&made, "inner", "outer")->samples, 24);
    end(&made);
}

static void add_sample(struct made_profile *made, struct location location, uint64_t count)
{
    struct trace sample = {.from = {PROFILE_MODULE_NONE, 0}, .to = location, .count = count};
    assert_true(profile_add_trace(made->profile, &sample, &error));
}

/* The recorder takes a call stack with some of the samples only. */
static void total_is_not_below_self_where_few_samples_have_a_call_stack(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    uint32_t root = frame(&made, 0, place("outer", 2), 0);
    frame(&made, root, place("inner", 1), 10);
    add_sample(&made, place("inner", 3), 30);
    add_sample(&made, place("inner_most", 1), 50);
    add_sample(&made, place("outer", 2), 8);
    add_up(&made);
    assert_int_equal(made.costs.stacks, 10);
    assert_int_equal(made.costs.samples, 98);
    assert_int_equal(made.costs.whole, 98);
    assert_int_equal(cost_of(&made, "inner")->total, 40);
    assert_int_equal(cost_of(&made, "inner_most")->total, 50);
    assert_int_equal(cost_of(&made, "outer")->total, 48);
    assert_int_equal(call(&made, "outer", "inner")->samples, 40);
    for (size_t i = 0; i < made.costs.count; i++)
        assert_true(made.costs.items[i].total >= made.costs.items[i].self);
    end(&made);
}

/* A recorder's table of samples may be full before that of call stacks. */
static void totals_add_up_to_the_samples_where_call_stacks_are_more(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    struct stack_node node = {.parent = 0, .location = place("outer", 2), .count = 0};
    assert_true(profile_add_stack(made.profile, &node, &error));
    node = (struct stack_node){.parent = 1, .location = place("inner", 1), .count = 9};
    assert_true(profile_add_stack(made.profile, &node, &error));
    add_sample(&made, place("inner", 1), 6);
    add_up(&made);
    assert_int_equal(made.costs.whole, 6);
    assert_int_equal(cost_of(&made, "inner")->total, 6);
    assert_int_equal(cost_of(&made, "outer")->total, 6);
    end(&made);
}

static void of_one_module_alone_only_its_samples_count(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    struct module other = {.path = "/nowhere/liblibrary.so"};
    uint32_t number;
    assert_true(profile_add_module(made.profile, &other, &number, &error));
    uint32_t root = frame(&made, 0, place("outer", 2), 0);
    frame(&made, root, place("inner", 1), 10);
    frame(&made, root, (struct location){number, 0x1000}, 90);
    add_up(&made);
    function_costs_free(&made.costs);
    assert_true(binary_find_module(self, made.profile, &number, &error));
    assert_true(function_costs_find(&made.costs, made.profile, made.binaries, number, &error));
    assert_int_equal(made.costs.samples, 10);
    assert_int_equal(made.costs.whole, 10);
    assert_int_equal(cost_of(&made, "outer")->total, 10);
    assert_int_equal(cost_of(&made, "inner")->self, 10);
    end(&made);
}

static void calls_are_branches_to_the_beginning_of_a_function(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    struct trace called = {.from = place("outer", 4), .to = place("inner", 0), .count = 7};
    struct trace jumped = {.from = place("outer", 4), .to = place("inner", 2), .count = 100};
    struct trace looped = {.from = place("inner", 4), .to = place("inner", 0), .count = 100};
    assert_true(profile_add_trace(made.profile, &called, &error));
    assert_true(profile_add_trace(made.profile, &jumped, &error));
    assert_true(profile_add_trace(made.profile, &looped, &error));
    add_up(&made);
    assert_int_equal(made.costs.call_count, 1);
    assert_int_equal(call(&made, "outer", "inner")->calls, 7);
    end(&made);
}

static void orders_are_by_what_they_say(void **state)
{
    (void)state;
    struct made_profile made = {0};
    begin(&made);
    uint32_t root = frame(&made, 0, place("outer", 2), 1);
    frame(&made, root, place("inner", 1), 5);
    frame(&made, 0, place("inner_most", 1), 3);
    add_up(&made);
    static const char *const expected[][3] = {
        [ORDER_BY_SELF] = {"inner", "inner_most", "outer"},
        [ORDER_BY_TOTAL] = {"outer", "inner", "inner_most"},
        [ORDER_BY_NAME] = {"inner", "inner_most", "outer"},
    };
    for (enum function_order wanted = ORDER_BY_SELF; wanted <= ORDER_BY_NAME; wanted++) {
        uint32_t *order = function_costs_order(&made.costs, wanted, &error);
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(made.costs.items[order[i]].function->name, expected[wanted][i]);
        free(order);
    }
    end(&made);
}

static void a_name_is_the_whole_or_the_only_one_that_has_it(void **state)
{
    (void)state;
    struct made_profile made = {0};
    size_t index;
    begin(&made);
    frame(&made, 0, place("inner", 1), 5);
    frame(&made, 0, place("inner_most", 1), 3);
    add_up(&made);
    assert_string_equal(cost_of(&made, "inner")->function->name, "inner");
    assert_string_equal(cost_of(&made, "_mos")->function->name, "inner_most");
    assert_false(function_costs_named(&made.costs, "nne", PROFILE_MODULE_NONE, &index, &error));
    assert_int_equal(error.code, ERROR_FUNCTION_NOT_RUN);
    assert_non_null(strstr(error.detail, "inner_most"));
    assert_false(function_costs_named(&made.costs, "absent", PROFILE_MODULE_NONE, &index, &error));
    assert_non_null(strstr(error.detail, "inner"));
    assert_false(function_costs_named(&made.costs, "inenr", PROFILE_MODULE_NONE, &index, &error));
    assert_string_equal(error.detail, "did you mean 'inner'?");
    end(&made);
}

static void a_name_as_reports_shorten_it_is_found(void **state)
{
    (void)state;
    struct made_profile made = {0};
    size_t index;
    begin(&made);
    frame(&made, 0, place("inner", 1), 5);
    frame(&made, 0, place("inner_most", 1), 3);
    add_up(&made);
    assert_string_equal(cost_of(&made, "in...most")->function->name, "inner_most");
    assert_string_equal(cost_of(&made, "in…er_…st")->function->name, "inner_most");
    assert_false(
        function_costs_named(&made.costs, "most...inner", PROFILE_MODULE_NONE, &index, &error));
    assert_false(function_costs_named(&made.costs, "in…er", PROFILE_MODULE_NONE, &index, &error));
    end(&made);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_of_the_function_and_of_what_it_calls),
        cmocka_unit_test(recursion_counts_once_a_stack),
        cmocka_unit_test(total_is_not_below_self_where_few_samples_have_a_call_stack),
        cmocka_unit_test(totals_add_up_to_the_samples_where_call_stacks_are_more),
        cmocka_unit_test(of_one_module_alone_only_its_samples_count),
        cmocka_unit_test(calls_are_branches_to_the_beginning_of_a_function),
        cmocka_unit_test(orders_are_by_what_they_say),
        cmocka_unit_test(a_name_is_the_whole_or_the_only_one_that_has_it),
        cmocka_unit_test(a_name_as_reports_shorten_it_is_found),
    };
    (void)argc;
    self = binary_open(argv[0], &error);
    if (!self)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    binary_free(self);
    return failed;
}
