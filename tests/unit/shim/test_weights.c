/* Weights: windows that begin where time is spent are weighed by how often that is passed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shim/core/commit/weights.h"

#define ONE ((uint64_t)PGORAW_WEIGHT_ONE)

static struct pgoraw_trace entries[8];

/* Learns from a window that passes `count` of the entries in this order. */
static uint64_t learn(const uint8_t *path, uint32_t count)
{
    struct window_trace traces[8] = {0};
    uint8_t order[256];
    uint32_t known = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t trace = 0;
        while (trace < known && traces[trace].entry != &entries[path[i]])
            trace++;
        if (trace == known)
            traces[known++].entry = &entries[path[i]];
        traces[trace].times++;
        order[i] = (uint8_t)trace;
    }
    return weights_learn(traces, order, count);
}

static uint64_t passes_in_all(unsigned level)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
        sum += entries[i].passes[level];
    return sum;
}

static int forget(void **unused)
{
    (void)unused;
    memset(entries, 0, sizeof(entries));
    return 0;
}

static void weights_are_passes_over_starts(void **unused)
{
    static const uint8_t path[] = {0, 1, 2, 0};
    (void)unused;
    /* One start and no pass yet: a first weight of (0 + 3) / (1 + 3).  The passes of 1 and 2,
     * which began no windows, come with the 0 behind them. */
    assert_int_equal(learn(path, 4), (ONE * 3 / 4 + 3 * ONE) / (1 + 3));
    assert_int_equal(entries[0].starts, 1);
    assert_int_equal(entries[0].passes[0], ONE);
    assert_int_equal(entries[0].passes[1], ONE * 3 / 4);
    assert_int_equal(entries[1].passes[0], 0);
}

static void a_window_owes_passes_of_one_in_all(void **unused)
{
    static const uint8_t first[] = {0, 1, 2, 3, 4}, second[] = {1, 0, 3, 2, 3, 3, 2},
                         third[] = {3, 4};
    (void)unused;
    learn(first, 5);
    learn(second, 7);
    learn(third, 2);
    learn(first, 5);
    /* Rounding loses less than one in ten thousand of each. */
    assert_in_range(passes_in_all(0), 4 * ONE - 16, 4 * ONE);
    assert_int_equal(entries[0].starts + entries[1].starts + entries[3].starts, 4);
}

static void passes_go_to_the_next_trace_that_began_windows(void **unused)
{
    static const uint8_t slow[] = {0, 0}, path[] = {1, 2, 2, 0, 2};
    (void)unused;
    learn(slow, 2);
    memset(entries[0].passes, 0, sizeof(entries[0].passes));
    learn(path, 5);
    /* Of four places all are trace 0's: two before it, itself, and the one after the last. */
    assert_int_equal(entries[0].passes[0], ONE);
    assert_int_equal(entries[1].passes[0], 0);
}

/*
 * Two traces are executed alike, but 0 takes nine times as long as 1: nine
 * windows in ten begin with 0, and each passes both as often.  By weight, half
 * of the windows begin with either.
 */
static void slow_code_is_weighed_down(void **unused)
{
    uint8_t path[129];
    uint64_t weight[2] = {0, 0};
    (void)unused;
    for (int round = 0; round < 20000; round++) {
        unsigned first = round % 10 == 0;
        for (unsigned i = 0; i < sizeof(path); i++)
            path[i] = (uint8_t)((first + i) & 1);
        weight[first] = learn(path, sizeof(path));
    }
    assert_in_range(weight[0], ONE * 5 / 9 - ONE / 50, ONE * 5 / 9 + ONE / 50);
    assert_in_range(weight[1], ONE * 5 - ONE / 5, ONE * 5 + ONE / 5);
}

static void no_window_stands_for_more_than_the_largest_weight(void **unused)
{
    static const uint8_t rare[] = {1, 0, 0};
    (void)unused;
    learn(rare, 3);
    entries[1].passes[0] = entries[1].passes[1] = 1000000 * ONE;
    assert_int_equal(learn(rare, 3), WEIGHTS_LARGEST * ONE);
}

static void windows_without_a_way_on_stand_for_one(void **unused)
{
    static const uint8_t path[] = {0, 1};
    struct window_trace traces[2] = {{.times = 1}, {.entry = &entries[1], .times = 1}};
    (void)unused;
    assert_int_equal(learn(path, 1), ONE);
    assert_int_equal(entries[0].starts, 0);
    /* The table had no room for the first trace. */
    assert_int_equal(weights_learn(traces, path, 2), ONE);
    assert_int_equal(passes_in_all(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(weights_are_passes_over_starts, forget),
        cmocka_unit_test_setup(a_window_owes_passes_of_one_in_all, forget),
        cmocka_unit_test_setup(passes_go_to_the_next_trace_that_began_windows, forget),
        cmocka_unit_test_setup(slow_code_is_weighed_down, forget),
        cmocka_unit_test_setup(no_window_stands_for_more_than_the_largest_weight, forget),
        cmocka_unit_test_setup(windows_without_a_way_on_stand_for_one, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
