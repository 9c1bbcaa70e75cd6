/* What a signal frame says of protection keys, and how large a frame may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shim/core/ground/cpu_state.h"
#include "shim/core/life/signal_stacks.h"

#define KEYS_AT 2688 /* where Intel's CPUs with AVX-512 have PKRU */
#define KEYS (UINT64_C(1) << 9)

/* A frame's floating-point state, as the kernel lays it out. */
static struct {
    _Alignas(64) uint8_t bytes[4096];
} area;

static ucontext_t frame(uint32_t magic, uint64_t features, uint64_t present, uint32_t keys)
{
    ucontext_t context;

    memset(&context, 0, sizeof(context));
    memset(&area, 0, sizeof(area));
    memcpy(area.bytes + 464, &magic, sizeof(magic));
    memcpy(area.bytes + 472, &features, sizeof(features));
    memcpy(area.bytes + 512, &present, sizeof(present));
    memcpy(area.bytes + KEYS_AT, &keys, sizeof(keys));
    context.uc_mcontext.fpregs = (fpregset_t)(void *)&area;
    return context;
}

static void the_application_s_keys_are_those_of_the_signal_frame(void **unused)
{
    ucontext_t context = frame(0x46505853, KEYS | 7, KEYS | 3, 0x55555551);
    uint32_t keys = 1;

    (void)unused;
    assert_true(cpu_keys_of_frame(&context, KEYS_AT, &keys));
    assert_int_equal(keys, 0x55555551);
}

static void keys_in_their_init_state_are_all_open(void **unused)
{
    ucontext_t context = frame(0x46505853, KEYS | 7, 3, 0x55555551);
    uint32_t keys = 1;

    (void)unused;
    assert_true(cpu_keys_of_frame(&context, KEYS_AT, &keys));
    assert_int_equal(keys, 0);
}

static void a_frame_without_keys_is_known(void **unused)
{
    ucontext_t no_extension = frame(0, KEYS | 7, KEYS, 1), context;
    uint32_t keys;

    (void)unused;
    assert_false(cpu_keys_of_frame(&no_extension, KEYS_AT, &keys));
    context = frame(0x46505853, 7, KEYS, 1);
    assert_false(cpu_keys_of_frame(&context, KEYS_AT, &keys));
    context.uc_mcontext.fpregs = NULL;
    assert_false(cpu_keys_of_frame(&context, KEYS_AT, &keys));
}

static void where_there_are_no_keys_nothing_is_taken_over(void **unused)
{
    ucontext_t context = frame(0, 0, 0, 0);
    (void)unused;
    assert_true(cpu_keys_take_over(&context));
}

static void a_stack_must_hold_the_largest_frame_and_the_entry(void **unused)
{
    (void)unused;
    assert_true(signal_stack_bytes(1776, 832) > 1776);
    assert_true(signal_stack_bytes(1776, 832) < 4096);
    /* AVX-512: what many programs give, 8 KiB, is enough. */
    assert_true(signal_stack_bytes(3632, 2696) > 3632);
    assert_true(signal_stack_bytes(3632, 2696) < 8192);
    /* AMX: it is not. */
    assert_true(signal_stack_bytes(11952, 11008) > 8192);
    /* A kernel that does not say it: the state is in the frame. */
    assert_true(signal_stack_bytes(0, 2696) > 2696 + 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_application_s_keys_are_those_of_the_signal_frame),
        cmocka_unit_test(keys_in_their_init_state_are_all_open),
        cmocka_unit_test(a_frame_without_keys_is_known),
        cmocka_unit_test(where_there_are_no_keys_nothing_is_taken_over),
        cmocka_unit_test(a_stack_must_hold_the_largest_frame_and_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
