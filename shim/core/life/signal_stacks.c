#include "shim/core/life/signal_stacks.h"

#include <cpuid.h>
#include <signal.h>
#include <sys/auxv.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/thread/thread.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

#define FRAME_BESIDE_STATE                                                                         \
    1024u               /* more than the registers, the information and what aligns them           \
                         */
#define ENTRY_SIZE 512u /* of the handler, until it has changed to a stack of ours */
#define XSAVE_LEAF 13

static bool withdrawn;

size_t signal_stack_bytes(size_t frame, size_t state)
{
    size_t reckoned = state + FRAME_BESIDE_STATE;
    return (frame > reckoned ? frame : reckoned) + ENTRY_SIZE;
}

size_t signal_stack_needed(void)
{
    static size_t needed;
    unsigned a, b = 512, c, d;

    if (!needed) {
        __get_cpuid_count(XSAVE_LEAF, 0, &a, &b, &c, &d);
        needed = signal_stack_bytes(getauxval(AT_MINSIGSTKSZ), b);
    }
    return needed;
}

static bool is_registered(const struct thread *thread)
{
    stack_t present = {0};
    return system_call(SYS_sigaltstack, NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE) &&
           present.ss_sp == thread->signal_stack;
}

void signal_stack_give(const struct thread *thread)
{
    stack_t present = {0};
    stack_t ours = {.ss_sp = thread->signal_stack, .ss_size = THREAD_SIGNAL_STACK_SIZE};

    if (!__atomic_load_n(&withdrawn, __ATOMIC_RELAXED) &&
        system_call(SYS_sigaltstack, NULL, &present) == 0 && (present.ss_flags & SS_DISABLE))
        system_call(SYS_sigaltstack, &ours, NULL);
}

void signal_stack_take_back(const struct thread *thread)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    if (is_registered(thread))
        system_call(SYS_sigaltstack, &none, NULL);
}

void signal_stacks_withdraw(void)
{
    __atomic_store_n(&withdrawn, true, __ATOMIC_RELAXED);
}

/*
 * sigaltstack(2) with a stack pointer that is nowhere: the kernel refuses to change the stack that
 * it points into.  The call touches no stack, and no signal comes meanwhile.
 */
static void disable_from_within(const stack_t *none)
{
    long result;
    __asm__ volatile("mov %%rsp, %%r12\n\t"
                     "xor %%esp, %%esp\n\t"
                     "syscall\n\t"
                     "mov %%r12, %%rsp"
                     : "=a"(result)
                     : "a"((long)SYS_sigaltstack), "D"(none), "S"(0L)
                     : "rcx", "r11", "r12", "memory", "cc");
}

/* The kernel registers what the frame says, when the handler returns. */
void signal_stack_expire(const struct thread *thread, ucontext_t *context)
{
    static const stack_t none = {.ss_flags = SS_DISABLE};

    if (!__atomic_load_n(&withdrawn, __ATOMIC_RELAXED) ||
        context->uc_stack.ss_sp != thread->signal_stack)
        return;
    context->uc_stack = none;
    disable_from_within(&none);
}
