/* From a call stack forward along a window: who called what ran, as long as that is certain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/commit/contexts.h"
#include "shim/core/modules/modules.h"
#include "shim/core/store/chunks.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"
#include "tests/unit/shim/opened_store.h"

#define CALL_LENGTH 5
#define END UINT32_MAX
#define CALLS(...) ((const uint32_t[]){__VA_ARGS__})

static const char code[0x1000]; /* stands for some: addresses are offsets in it */
static struct window window;

static uint64_t address(uint32_t offset)
{
    return (uint64_t)(uintptr_t)code + offset;
}

/* Where a call at this offset has its frame. */
static uint64_t frame(uint32_t call)
{
    return modules_locate(address(call + CALL_LENGTH - 1));
}

static int store_begin(void **unused)
{
    (void)unused;
    opened_store_begin("contexts");
    return 0;
}

static int store_end(void **unused)
{
    (void)unused;
    return opened_store_end();
}

/* A window at `sample`, which the calls at these offsets led to, innermost first. */
static void begin(uint32_t sample, const uint32_t *calls)
{
    uint64_t locations[8] = {modules_locate(address(sample))};
    size_t depth = 1;
    for (; calls[depth - 1] != END; depth++)
        locations[depth] = frame(calls[depth - 1]);
    window_begin(&window, address(sample));
    window.begins_at_sample = true;
    window.callers.known = store_add_stack(locations, depth, &window.callers.node);
    assert_true(window.callers.known);
}

static void jump(uint32_t from, uint32_t to)
{
    window_add(&window, address(from), address(to), BRANCH_JUMP, 2);
}

static void call(uint32_t from, uint32_t to)
{
    window_add(&window, address(from), address(to), BRANCH_CALL, CALL_LENGTH);
}

static void ret(uint32_t from, uint32_t call_offset)
{
    window_add(&window, address(from), address(call_offset + CALL_LENGTH), BRANCH_RETURN, 1);
}

/* Counts the window's traces, each once in `traces`, as window_commit.c does. */
static void count_window(void)
{
    struct window_trace traces[WINDOW_MOST_BRANCHES] = {0};
    uint8_t order[WINDOW_MOST_BRANCHES];
    uint32_t known = 0;
    for (uint32_t i = 0; i < window.count; i++) {
        const struct branch *branch = &window.branches[i];
        struct pgoraw_trace *entry = store_add_trace(modules_locate(branch->from),
                                                     modules_locate(branch->to), PGORAW_NO_RUN, 1);
        uint32_t trace = 0;
        while (trace < known && traces[trace].entry != entry)
            trace++;
        known += trace == known;
        traces[trace].entry = entry;
        order[i] = (uint8_t)trace;
    }
    contexts_count(&window, traces, order, PGORAW_WEIGHT_ONE);
}

static const void *entries(enum pgoraw_chunk_kind kind, uint64_t *count)
{
    const void *found = NULL;
    *count = 0;
    for (unsigned i = 0; i < PGORAW_MAX_CHUNKS; i++) {
        const struct pgoraw_chunk *chunk = &store_header()->chunks[i];
        if (chunk->kind != (uint32_t)kind)
            continue;
        assert_null(found); /* one chunk holds all of these tests */
        found = store_mapping.base + chunk->offset;
        *count = chunk->entry_count;
    }
    return found;
}

static bool callers_are(uint32_t node, const uint32_t *calls)
{
    for (; *calls != END; calls++) {
        const struct pgoraw_stack_node *caller = node ? store_stack_node(node) : NULL;
        if (!caller || caller->location != frame(*calls))
            return false;
        node = caller->parent;
    }
    return node == 0;
}

/* How often the branch to `to` was counted under these calls, innermost first. */
static uint64_t counted(uint32_t to, const uint32_t *calls)
{
    uint64_t trace_count, count, sum = 0;
    const struct pgoraw_trace *traces = entries(PGORAW_CHUNK_TRACES, &trace_count);
    const struct pgoraw_context *contexts = entries(PGORAW_CHUNK_CONTEXTS, &count);
    for (uint64_t i = 0; i < count; i++) {
        if (contexts[i].state != PGORAW_READY)
            continue;
        assert_in_range(contexts[i].trace, 1, trace_count);
        if (traces[contexts[i].trace - 1].to == modules_locate(address(to)) &&
            callers_are(contexts[i].callers, calls))
            sum += contexts[i].count;
    }
    return sum;
}

static uint64_t counter(enum pgoraw_counter number)
{
    return store_header()->counters[number];
}

static void calls_add_a_caller_and_returns_take_it_away(void **unused)
{
    (void)unused;
    begin(0x100, CALLS(0x10, END));
    call(0x110, 0x200);
    jump(0x210, 0x220);
    jump(0x230, 0x220);
    jump(0x230, 0x220);
    ret(0x240, 0x110);
    jump(0x120, 0x100);
    count_window();
    assert_int_equal(counted(0x100, CALLS(0x10, END)), 1);
    assert_int_equal(counted(0x200, CALLS(0x110, 0x10, END)), 1);
    assert_int_equal(counted(0x220, CALLS(0x110, 0x10, END)), 3);
    assert_int_equal(counted(0x115, CALLS(0x10, END)), 1);
    assert_int_equal(counter(PGORAW_COUNT_CONTEXT_BRANCHES), 6);
    /* The same from there goes to the same entries. */
    count_window();
    assert_int_equal(counted(0x220, CALLS(0x110, 0x10, END)), 6);
    assert_int_equal(counted(0x220, CALLS(0x110, END)), 0);
}

static void callers_on_the_way_are_no_samples(void **unused)
{
    uint64_t count;
    (void)unused;
    begin(0x100, CALLS(0x10, END));
    call(0x110, 0x200);
    count_window();
    const struct pgoraw_stack_node *nodes = entries(PGORAW_CHUNK_STACKS, &count);
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(nodes[i].count, nodes[i].location == modules_locate(address(0x100)));
}

static void returns_go_on_below_the_beginning(void **unused)
{
    (void)unused;
    begin(0x300, CALLS(0x210, 0x10, END));
    ret(0x310, 0x210);
    jump(0x220, 0x230);
    ret(0x240, 0x10);
    call(0x20, 0x400);
    ret(0x410, 0x20);
    count_window();
    assert_int_equal(counted(0x215, CALLS(0x10, END)), 1);
    assert_int_equal(counted(0x230, CALLS(0x10, END)), 1);
    assert_int_equal(counted(0x15, CALLS(END)), 1);
    assert_int_equal(counted(0x400, CALLS(0x20, END)), 1);
    assert_int_equal(counted(0x25, CALLS(END)), 1);
}

static void recursion_is_a_caller_each_time(void **unused)
{
    (void)unused;
    begin(0x200, CALLS(0x10, END));
    call(0x210, 0x200);
    call(0x210, 0x200);
    ret(0x220, 0x210);
    ret(0x220, 0x210);
    ret(0x220, 0x10);
    count_window();
    assert_int_equal(counted(0x200, CALLS(0x210, 0x10, END)), 1);
    assert_int_equal(counted(0x200, CALLS(0x210, 0x210, 0x10, END)), 1);
    assert_int_equal(counted(0x215, CALLS(0x210, 0x10, END)), 1);
    assert_int_equal(counted(0x215, CALLS(0x10, END)), 1);
    assert_int_equal(counted(0x15, CALLS(END)), 1);
}

static void a_tail_call_leaves_the_callers(void **unused)
{
    (void)unused;
    begin(0x100, CALLS(END));
    call(0x110, 0x200);
    jump(0x210, 0x300); /* another function, which returns for this one */
    ret(0x310, 0x110);
    count_window();
    assert_int_equal(counted(0x300, CALLS(0x110, END)), 1);
    assert_int_equal(counted(0x115, CALLS(END)), 1);
}

static void nothing_counts_after_a_return_to_another_place(void **unused)
{
    (void)unused;
    begin(0x100, CALLS(0x10, END));
    call(0x110, 0x200);
    ret(0x210, 0x500);
    jump(0x510, 0x520);
    count_window();
    assert_int_equal(counted(0x200, CALLS(0x110, 0x10, END)), 1);
    assert_int_equal(counter(PGORAW_COUNT_CONTEXT_BRANCHES), 1);

    /* Nor beyond the outermost caller. */
    begin(0x100, CALLS(END));
    ret(0x120, 0x10);
    count_window();
    assert_int_equal(counter(PGORAW_COUNT_CONTEXT_BRANCHES), 1);
    assert_int_equal(counted(0x15, CALLS(END)), 0);
}

static void a_call_of_what_comes_next_is_none(void **unused)
{
    (void)unused;
    begin(0x100, CALLS(0x10, END));
    call(0x110, 0x110 + CALL_LENGTH);
    ret(0x120, 0x10);
    count_window();
    assert_int_equal(counted(0x115, CALLS(0x10, END)), 1);
    assert_int_equal(counted(0x15, CALLS(END)), 1);
}

static void windows_without_certain_callers_do_not_count(void **unused)
{
    (void)unused;
    window_begin(&window, address(0x100));
    window.begins_at_sample = true;
    call(0x110, 0x200);
    count_window();
    assert_int_equal(counted(0x200, CALLS(0x110, END)), 0);

    /* Nor branches of which it is not known what they do. */
    begin(0x100, CALLS(END));
    window_add(&window, address(0x110), address(0x200), BRANCH_ANY, 0);
    count_window();
    assert_int_equal(counter(PGORAW_COUNT_CONTEXT_BRANCHES), 0);
    assert_int_equal(counted(0x200, CALLS(END)), 0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, store_begin, store_end)
    const struct CMUnitTest tests[] = {
        EACH(calls_add_a_caller_and_returns_take_it_away),
        EACH(callers_on_the_way_are_no_samples),
        EACH(returns_go_on_below_the_beginning),
        EACH(recursion_is_a_caller_each_time),
        EACH(a_tail_call_leaves_the_callers),
        EACH(nothing_counts_after_a_return_to_another_place),
        EACH(a_call_of_what_comes_next_is_none),
        EACH(windows_without_certain_callers_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
