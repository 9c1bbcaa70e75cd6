/* Where mappings of ours go: not into holes of the program, and never onto what is there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "shim/core/ground/places.h"

#define PAGE ((size_t)4096)
#define GIBIBYTE ((size_t)1 << 30)

/* By an address in libc. */
static uint64_t area_begin(unsigned number)
{
    uint64_t area = places_area(stdin, number);
    assert_true(area != 0);
    places_use(area);
    return area;
}

static uint8_t *mapped(size_t size)
{
    long result = places_map(size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    assert_true(result > 0);
    return (uint8_t *)result;
}

static uint8_t *kernel_mapped(uint8_t *at, size_t size, int flags)
{
    return mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static bool is_a_hole(uint8_t *page)
{
    unsigned char resident;
    return mincore(page, PAGE, &resident) != 0 && errno == ENOMEM;
}

static void test_a_hole_that_the_program_has_made_stays_one(void **state)
{
    const size_t sizes[] = {PAGE, 3 * PAGE, 64 << 20};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *hole = kernel_mapped(NULL, sizes[i], 0), *ours;
        assert_true(hole != MAP_FAILED);
        assert_int_equal(munmap(hole, sizes[i]), 0);
        /* The kernel would put it there again. */
        assert_ptr_equal(kernel_mapped(NULL, sizes[i], 0), hole);
        assert_int_equal(munmap(hole, sizes[i]), 0);
        area_begin(0);
        ours = mapped(sizes[i]);
        assert_true(is_a_hole(hole));
        assert_true(is_a_hole(hole + sizes[i] - PAGE));
        assert_int_equal(munmap(ours, sizes[i]), 0);
    }
    (void)state;
}

static void test_what_is_there_is_not_replaced(void **state)
{
    uint64_t area = area_begin(0);
    uint8_t *there = kernel_mapped((uint8_t *)area, PAGE, MAP_FIXED_NOREPLACE), *ours;

    assert_ptr_equal(there, area);
    assert_int_equal(mprotect(there, PAGE, PROT_READ | PROT_WRITE), 0);
    memcpy(there, "mine", 4);
    ours = places_map_memory(2 * PAGE);
    assert_non_null(ours);
    assert_ptr_not_equal(ours, there);
    memset(ours, 0xff, 2 * PAGE);
    assert_memory_equal(there, "mine", 4);
    assert_int_equal(munmap(ours, 2 * PAGE), 0);
    assert_int_equal(munmap(there, PAGE), 0);
    (void)state;
}

static void test_two_mappings_do_not_become_one(void **state)
{
    uint8_t *first, *second;

    area_begin(0);
    first = mapped(PAGE);
    second = mapped(PAGE);
    assert_ptr_equal(second, first + 2 * PAGE);
    assert_true(is_a_hole(first + PAGE));
    assert_int_equal(munmap(first, PAGE), 0);
    assert_int_equal(munmap(second, PAGE), 0);
    (void)state;
}

/* More than the area is large, by threads that come and go: those that stay are passed by. */
static void test_places_are_used_again(void **state)
{
    uint64_t area = area_begin(1);
    uint8_t *stays = mapped(PAGE);

    for (int i = 0; i < 100; i++) {
        uint8_t *ours = mapped(GIBIBYTE);
        assert_true((uint64_t)(uintptr_t)ours > area &&
                    (uint64_t)(uintptr_t)ours < area + 17 * GIBIBYTE);
        assert_int_equal(munmap(ours, GIBIBYTE), 0);
    }
    assert_false(is_a_hole(stays));
    assert_int_equal(munmap(stays, PAGE), 0);
    (void)state;
}

static void test_where_there_is_no_place_the_kernel_chooses(void **state)
{
    uint8_t *ours;
    uint64_t area;

    assert_int_equal(places_area((void *)(uintptr_t)0x400000, 0), 0);
    places_use(0);
    ours = mapped(PAGE);
    assert_int_equal(munmap(ours, PAGE), 0);

    /* All of the area, and what its last place could reach into. */
    area = area_begin(2);
    assert_ptr_equal(
        kernel_mapped((uint8_t *)area, 17 * GIBIBYTE, MAP_FIXED_NOREPLACE | MAP_NORESERVE), area);
    ours = mapped(PAGE);
    assert_true((uint64_t)(uintptr_t)ours < area ||
                (uint64_t)(uintptr_t)ours >= area + 17 * GIBIBYTE);
    assert_int_equal(munmap(ours, PAGE), 0);
    assert_int_equal(munmap((void *)(uintptr_t)area, 17 * GIBIBYTE), 0);
    (void)state;
}

/* Those of the preloaded object and of the core. */
static void test_areas_lie_apart(void **state)
{
    assert_int_equal(places_area(stdin, 1) - places_area(stdin, 0), 16 * GIBIBYTE);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hole_that_the_program_has_made_stays_one),
        cmocka_unit_test(test_what_is_there_is_not_replaced),
        cmocka_unit_test(test_two_mappings_do_not_become_one),
        cmocka_unit_test(test_places_are_used_again),
        cmocka_unit_test(test_where_there_is_no_place_the_kernel_chooses),
        cmocka_unit_test(test_areas_lie_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
