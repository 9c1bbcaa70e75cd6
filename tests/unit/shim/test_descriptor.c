/* Descriptors that are open for a moment: the application's next number stays free. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/ground/descriptor.h"

static bool ours;

static bool is_ours(long descriptor)
{
    assert_true(fcntl((int)descriptor, F_GETFD) >= 0);
    return ours;
}

static int opened(void)
{
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    return descriptor;
}

static bool is_open(long descriptor)
{
    return fcntl((int)descriptor, F_GETFD) >= 0;
}

static void test_the_number_is_free_again_for_the_application(void **state)
{
    int low = opened();
    long moved;

    (void)state;
    ours = true;
    moved = descriptor_move_away(low, is_ours);
    assert_true(moved > low && is_open(moved));
    assert_int_equal(fcntl((int)moved, F_GETFD), FD_CLOEXEC);
    assert_int_equal(opened(), low);
    close(low);
    close((int)moved);
}

static void test_a_number_that_the_application_has_now_is_left_to_it(void **state)
{
    int low = opened(), next;

    (void)state;
    ours = false;
    assert_int_equal(descriptor_move_away(low, is_ours), -EBADF);
    assert_true(is_open(low));
    next = opened();
    assert_int_equal(next, low + 1); /* nothing else is left open */
    close(next);
    close(low);
    assert_int_equal(descriptor_move_away(low, is_ours), -EBADF);
}

static void test_an_error_and_a_limit_change_nothing(void **state)
{
    struct rlimit limit, little;
    int low = opened();

    (void)state;
    assert_int_equal(descriptor_move_away(-ENOENT, NULL), -ENOENT);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    little = limit;
    little.rlim_cur = 20;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &little), 0);
    assert_int_equal(descriptor_move_away(low, NULL), low);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(is_open(low));
    close(low);
}

static bool moment_was_over;
static volatile bool moment_is_over;

static void *forbid(void *unused)
{
    descriptors_forbid();
    moment_was_over = moment_is_over;
    return unused;
}

static void test_what_is_open_for_a_moment_is_waited_for_before_the_application_closes(void **state)
{
    kernel_sigset mask, other;
    pthread_t thread;

    (void)state;
    assert_false(descriptors_in_use());
    assert_true(descriptors_begin(&mask));
    assert_true(descriptors_in_use());
    assert_int_equal(pthread_create(&thread, NULL, forbid, NULL), 0);
    while (!descriptors_are_forbidden())
        sched_yield();
    assert_false(descriptors_begin(&other)); /* and what has begun goes on */
    assert_true(descriptors_in_use());
    moment_is_over = true;
    descriptors_end(&mask);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(moment_was_over);
    assert_false(descriptors_in_use());
    assert_false(descriptors_begin(&other));
    descriptors_fork_end_child();
    assert_false(descriptors_are_forbidden());
}

static void *fork_begin(void *unused)
{
    descriptors_fork_begin();
    moment_was_over = moment_is_over;
    return unused;
}

static void test_a_forked_child_gets_no_copy_of_what_is_open_for_a_moment(void **state)
{
    kernel_sigset mask, other;
    pthread_t thread;

    (void)state;
    moment_is_over = moment_was_over = false;
    assert_true(descriptors_begin(&mask));
    assert_int_equal(pthread_create(&thread, NULL, fork_begin, NULL), 0);
    while (descriptors_begin(&other))
        descriptors_end(&other);
    moment_is_over = true;
    descriptors_end(&mask);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(moment_was_over);
    assert_false(descriptors_begin(&other));
    descriptors_fork_end_parent();
    assert_true(descriptors_begin(&other));
    descriptors_end(&other);
    descriptors_fork_begin();
    descriptors_fork_end_child();
    assert_true(descriptors_begin(&other));
    descriptors_end(&other);
}

static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

static void test_no_handler_runs_while_a_descriptor_is_open(void **state)
{
    kernel_sigset mask;

    (void)state;
    signal(SIGUSR1, handle);
    assert_true(descriptors_begin(&mask));
    raise(SIGUSR1);
    assert_int_equal(handled, 0);
    descriptors_end(&mask);
    assert_int_equal(handled, 1);
    descriptors_forbid();
    assert_false(descriptors_begin(&mask));
    raise(SIGUSR1);
    assert_int_equal(handled, 2);
    descriptors_fork_end_child();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_number_is_free_again_for_the_application),
        cmocka_unit_test(test_a_number_that_the_application_has_now_is_left_to_it),
        cmocka_unit_test(test_an_error_and_a_limit_change_nothing),
        cmocka_unit_test(
            test_what_is_open_for_a_moment_is_waited_for_before_the_application_closes),
        cmocka_unit_test(test_a_forked_child_gets_no_copy_of_what_is_open_for_a_moment),
        cmocka_unit_test(test_no_handler_runs_while_a_descriptor_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
