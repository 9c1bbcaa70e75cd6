/* One thread unwinds at a time, whoever forks meanwhile, and however long that takes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/pages/pages.h"
#include "shim/core/stacks/stacks.h"
#include "shim/core/store/chunks.h"
#include "shim/core/store/store.h"
#include "tests/unit/shim/opened_store.h"

static struct pages pages;

static int store_begin(void **unused)
{
    (void)unused;
    opened_store_begin("stacks");
    return stacks_start() ? 0 : -1;
}

static int store_end(void **unused)
{
    (void)unused;
    return opened_store_end();
}

/* Whether a sample finds nobody unwinding: of a context without code, which ends at once. */
static bool sample_is_taken(void)
{
    const uint64_t *busy = &store_header()->counters[PGORAW_COUNT_DROP_STACK_BUSY];
    uint64_t before = *busy;
    struct callers callers = {0};
    ucontext_t context = {0};

    pages_begin(&pages, 0, 0);
    stacks_sample(&context, &pages, &callers);
    return *busy == before;
}

static void *fork_in_parent(void *unused)
{
    stacks_fork_begin();
    stacks_fork_end_parent();
    return unused;
}

static void *fork_in_child(void *unused)
{
    stacks_fork_begin();
    stacks_fork_end_child();
    return unused;
}

/* This thread stands for one that unwinds and gets no CPU, while another forks. */
static void fork_in_vain(void *(*fork)(void *))
{
    pthread_t thread;

    assert_true(sample_is_taken());
    stacks_fork_begin();
    assert_false(sample_is_taken());
    assert_int_equal(pthread_create(&thread, NULL, fork, NULL), 0);
    pthread_join(thread, NULL);
    assert_false(sample_is_taken());
    stacks_fork_end_parent();
    assert_true(sample_is_taken());
}

static void a_fork_that_has_waited_in_vain_lets_nobody_else_unwind(void **unused)
{
    (void)unused;
    fork_in_vain(fork_in_parent);
}

/* A lock of libunwind may be held there by a thread that is not. */
static void its_child_unwinds_nothing(void **unused)
{
    (void)unused;
    fork_in_vain(fork_in_child);
}

static void the_child_of_another_fork_unwinds(void **unused)
{
    (void)unused;
    fork_in_child(NULL);
    assert_true(sample_is_taken());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_that_has_waited_in_vain_lets_nobody_else_unwind),
        cmocka_unit_test(its_child_unwinds_nothing),
        cmocka_unit_test(the_child_of_another_fork_unwinds),
    };
    return cmocka_run_group_tests(tests, store_begin, store_end);
}
