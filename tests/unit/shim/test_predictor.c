/* The predictor: foresees what repeats, and misses what is drawn at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shim/core/commit/predictor.h"

#define LENGTH 128

/*
 * Addresses of entries, which the predictor never reads: the same in each run, since
 * pairs that share a slot by chance are missed.  A test each: it has one memory.
 */
static struct pgoraw_trace *entries(uint64_t test)
{
    return (struct pgoraw_trace *)(uintptr_t)(test << 20);
}

/* The misses in a window that passes path[i] of `known` traces. */
static uint32_t misses(struct pgoraw_trace *known, const uint8_t *path)
{
    struct window_trace traces[64];
    for (unsigned i = 0; i < 64; i++)
        traces[i] = (struct window_trace){.entry = &known[i]};
    return predictor_misses(traces, path, LENGTH);
}

static void loops_are_foreseen(void **unused)
{
    uint8_t path[LENGTH];
    (void)unused;
    for (unsigned i = 0; i < LENGTH; i++)
        path[i] = i % 12;                          /* each trace has one that follows it */
    assert_int_equal(misses(entries(1), path), 0); /* seen for the first time, or foreseen */
    assert_int_equal(misses(entries(1), path), 0);
    for (unsigned i = 0; i < LENGTH; i++)
        path[i] = i % 3 == 2; /* 0 0 1: what follows 0 depends on the one before */
    misses(entries(1), path);
    assert_in_range(misses(entries(1), path), 0, 2);
}

static void one_way_out_of_a_loop_is_one_miss_or_two(void **unused)
{
    uint8_t path[LENGTH];
    (void)unused;
    for (unsigned i = 0; i < LENGTH; i++)
        path[i] = 1;
    misses(entries(2), path);
    path[60] = 2;
    misses(entries(2), path);
    assert_in_range(misses(entries(2), path), 1, 2);
}

static void random_ways_are_missed(void **unused)
{
    uint8_t path[LENGTH];
    uint32_t missed = 0;
    (void)unused;
    srand(7);
    for (unsigned window = 0; window < 200; window++) {
        for (unsigned i = 0; i < LENGTH; i++)
            path[i] = (uint8_t)(rand() >> 8 & 1);
        missed += misses(entries(3), path);
    }
    /* Half of them, as of any coin. */
    assert_in_range(missed, 200 * LENGTH * 45 / 100, 200 * LENGTH * 55 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_are_foreseen),
        cmocka_unit_test(one_way_out_of_a_loop_is_one_miss_or_two),
        cmocka_unit_test(random_ways_are_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
