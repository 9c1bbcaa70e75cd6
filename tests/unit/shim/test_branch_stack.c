/* Hardware branch stacks, as the kernel hands them out, become windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/perf_event.h>

#include "shim/core/thread/perf_ring.h"
#include "shim/core/window/branch_stack.h"

#define PAGE 4096

static void entries_come_newest_first_and_leave_oldest_first(void **unused)
{
    const uint64_t entries[] = {0x300, 0x400, 0, 0x200, 0x280, 0, 0x100, 0x180, 0};
    struct window window;
    (void)unused;
    assert_true(branch_stack_decode(entries, 3, 0x410, &window));
    assert_int_equal(window.count, 3);
    assert_int_equal(window.branches[0].from, 0x100);
    assert_int_equal(window.branches[0].to, 0x180);
    assert_int_equal(window.branches[2].from, 0x300);
    assert_int_equal(window.last, 0x410); /* straight on to the sample */
    assert_false(window.begins_at_sample);
}

static void no_entries_and_too_many_give_an_empty_window(void **unused)
{
    static const uint64_t entries[(WINDOW_MOST_BRANCHES + 1) * 3];
    struct window window;
    (void)unused;
    assert_false(branch_stack_decode(entries, 0, 0x10, &window));
    assert_int_equal(window.count, 0);
    assert_false(branch_stack_decode(entries, WINDOW_MOST_BRANCHES + 1, 0x10, &window));
    assert_int_equal(window.count, 0);
    assert_int_equal(window.sample, 0x10);
}

/* A ring with one data page, filled as the kernel does. */
static struct {
    struct perf_event_mmap_page page __attribute__((aligned(PAGE)));
    uint8_t data[PAGE] __attribute__((aligned(PAGE)));
} memory;

static void ring_put(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        memory.data[(memory.page.data_head + i) % PAGE] = ((const uint8_t *)bytes)[i];
    memory.page.data_head += size;
}

static void ring_put_sample(uint64_t address, uint64_t time, uint64_t branches)
{
    struct perf_event_header header = {.type = PERF_RECORD_SAMPLE,
                                       .size = (uint16_t)(8 + 24 + branches * 24)};
    uint64_t head[3] = {address, time, branches};
    ring_put(&header, sizeof(header));
    ring_put(head, sizeof(head));
    for (uint64_t i = 0; i < branches; i++) {
        uint64_t entry[3] = {0x1000 - i, 0x2000 - i, 0};
        ring_put(entry, sizeof(entry));
    }
}

static void the_newest_sample_is_taken_and_the_others_counted(void **unused)
{
    static const struct perf_event_header lost = {.type = PERF_RECORD_LOST, .size = 24};
    static const uint64_t numbers[2] = {7, 3}; /* the event, and how many */
    struct perf_ring ring = {.mapping = &memory.page, .data_size = PAGE};
    struct ring_sample sample;
    (void)unused;
    memory.page.data_head = memory.page.data_tail = 3 * PAGE - 100; /* it wraps around */
    ring_put_sample(0x10, 1, 2);
    ring_put(&lost, sizeof(lost));
    ring_put(numbers, sizeof(numbers));
    ring_put_sample(0x20, 2, 16);
    assert_int_equal(perf_ring_take(&ring, &sample), 2 + 3);
    assert_int_equal(sample.address, 0x20);
    assert_int_equal(sample.time, 2);
    assert_int_equal(sample.branch_count, 16);
    assert_int_equal(sample.branches[15 * 3], 0x1000 - 15);
    assert_int_equal(memory.page.data_tail, memory.page.data_head);
    assert_false(perf_ring_take(&ring, &sample));
}

static void a_garbled_ring_is_left_without_harm(void **unused)
{
    struct perf_event_header header = {.type = PERF_RECORD_SAMPLE, .size = 40};
    uint64_t head[4] = {0x10, 1, UINT64_MAX / 24, 0};
    struct perf_ring ring = {.mapping = &memory.page, .data_size = PAGE};
    struct ring_sample sample;
    (void)unused;
    memory.page.data_head = memory.page.data_tail = 0;
    ring_put(&header, sizeof(header));
    ring_put(head, sizeof(head));
    assert_true(perf_ring_take(&ring, &sample));
    assert_int_equal(sample.branch_count, 0); /* more than the record can hold */
    header.size = 4;
    ring_put(&header, sizeof(header));
    assert_false(perf_ring_take(&ring, &sample));
    header.size = 60000;
    ring_put(&header, sizeof(header));
    assert_false(perf_ring_take(&ring, &sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_newest_first_and_leave_oldest_first),
        cmocka_unit_test(no_entries_and_too_many_give_an_empty_window),
        cmocka_unit_test(the_newest_sample_is_taken_and_the_others_counted),
        cmocka_unit_test(a_garbled_ring_is_left_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
