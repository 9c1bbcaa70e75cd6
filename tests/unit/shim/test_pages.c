/* What a sample may read directly, and what it may not. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/ground/memory.h"
#include "shim/core/pages/pages.h"

static struct pages pages;

static uint64_t map(int protection)
{
    void *memory =
        mmap(NULL, PAGE_SIZE, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    return (uint64_t)(uintptr_t)memory;
}

static void unmap(uint64_t address)
{
    munmap((void *)(uintptr_t)address, PAGE_SIZE);
}

static void a_page_is_read_directly_once_a_checked_read_has_succeeded_there(void **unused)
{
    uint64_t page = map(PROT_READ | PROT_WRITE), value = 1;
    (void)unused;
    pages_begin(&pages, 0, 0);
    assert_false(pages_direct(&pages, page));
    assert_true(pages_read(&pages, &value, page, sizeof(value)));
    assert_int_equal(value, 0);
    assert_true(pages_direct(&pages, page + 8));
    pages_begin(&pages, 0, 0);
    assert_true(pages_direct(&pages, page));
    unmap(page);
}

static void a_page_that_went_away_is_not_read_in_the_next_sample(void **unused)
{
    uint64_t gone = map(PROT_READ), closed = map(PROT_READ), value;
    (void)unused;
    pages_begin(&pages, 0, 0);
    assert_true(pages_read(&pages, &value, gone, sizeof(value)));
    assert_true(pages_read(&pages, &value, closed, sizeof(value)));
    unmap(gone);
    mprotect((void *)(uintptr_t)closed, PAGE_SIZE, PROT_NONE);
    pages_begin(&pages, 0, 0);
    assert_false(pages_direct(&pages, gone));
    assert_false(pages_read(&pages, &value, gone, sizeof(value)));
    assert_false(pages_direct(&pages, closed));
    assert_false(pages_read(&pages, &value, closed, sizeof(value)));
    unmap(closed);
}

static void the_heap_needs_no_checked_read_first(void **unused)
{
    uint8_t *heap = sbrk(4 * PAGE_SIZE);
    (void)unused;
    assert_ptr_not_equal(heap, (void *)-1);
    heap[PAGE_SIZE] = 1;
    pages_begin(&pages, 0, 0);
    assert_true(pages_direct(&pages, (uint64_t)(uintptr_t)heap + PAGE_SIZE));
    assert_int_equal(brk(heap), 0);
    pages_begin(&pages, 0, 0);
    assert_false(pages_direct(&pages, (uint64_t)(uintptr_t)heap + PAGE_SIZE));
}

static void the_own_stack_is_read_directly_from_the_stack_pointer_up(void **unused)
{
    uint64_t low = map(PROT_READ | PROT_WRITE);
    (void)unused;
    memset(&pages, 0, sizeof(pages)); /* the page may have had another life */
    pages_begin(&pages, low + 64, low + PAGE_SIZE);
    assert_false(pages_direct(&pages, low));
    assert_false(pages_direct(&pages, low + PAGE_SIZE));
    assert_true(pages_direct(&pages, low + 64));
    unmap(low);
}

static void what_is_closed_of_the_own_stack_is_not_read_directly(void **unused)
{
    uint64_t low = map(PROT_NONE);
    (void)unused;
    memset(&pages, 0, sizeof(pages));
    pages_begin(&pages, low, low + PAGE_SIZE);
    assert_false(pages_direct(&pages, low + 64));
    unmap(low);
}

static void *wait_for(void *gate)
{
    pthread_barrier_wait(gate);
    pthread_barrier_wait(gate);
    return NULL;
}

static void no_page_is_read_directly_while_another_thread_could_unmap_it(void **unused)
{
    uint64_t page = map(PROT_READ | PROT_WRITE), value;
    pthread_barrier_t gate;
    pthread_t thread;
    (void)unused;
    pages_begin(&pages, 0, 0);
    assert_true(pages_read(&pages, &value, page, sizeof(value)));
    pthread_barrier_init(&gate, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, wait_for, &gate), 0);
    pthread_barrier_wait(&gate);
    pages_begin(&pages, 0, 0);
    assert_false(pages_direct(&pages, page));
    assert_true(pages_read(&pages, &value, page, sizeof(value)));
    assert_false(pages_direct(&pages, page));
    pthread_barrier_wait(&gate);
    pthread_join(thread, NULL);
    unmap(page);
}

static int start(void **unused)
{
    (void)unused;
    pages_start();
    return memory_start() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read_directly_once_a_checked_read_has_succeeded_there),
        cmocka_unit_test(a_page_that_went_away_is_not_read_in_the_next_sample),
        cmocka_unit_test(the_heap_needs_no_checked_read_first),
        cmocka_unit_test(the_own_stack_is_read_directly_from_the_stack_pointer_up),
        cmocka_unit_test(what_is_closed_of_the_own_stack_is_not_read_directly),
        cmocka_unit_test(no_page_is_read_directly_while_another_thread_could_unmap_it),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
