/*
 * longjmp out of a handler on a signal stack of the application.  Our signal is in the mask of such
 * a handler (signal_stacks.h), and nothing but a return from it or a saved mask takes it out again:
 * it would stay blocked, and the thread's samples would be lost.  And it must not be let through
 * while the stack pointer is still on the signal stack, which may have no room for a frame: glibc
 * sets a saved mask before it jumps.  So the jump is made from just below where it goes to, on a
 * stack that is unused there.
 *
 * glibc keeps the stack pointer in a word of the buffer, changed by a word of the thread
 * (PTR_MANGLE of glibc's x86-64 port); a look at a buffer of our own tells whether that is so here.
 */
#include <setjmp.h>
#include <stdint.h>

#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"
#include "shim/preload/signal_stacks.h"

#define STACK_WORD 6
#define NEAR 4096u /* bytes between a buffer's stack pointer and ours, in one function */
#define BELOW 512u /* the red zone of the function that is jumped to, and more */
#define ALIGNMENT 16u

typedef void jump_function(struct __jmp_buf_tag *, int);

enum { LONGJMP, PLAIN_LONGJMP, SIGLONGJMP, CHECKED_LONGJMP };
static const char *const names[] = {"longjmp", "_longjmp", "siglongjmp", "__longjmp_chk"};
static void *slots[sizeof(names) / sizeof(names[0])];

enum { NOT_ASKED, UNDERSTOOD, NOT_UNDERSTOOD };
static int buffers; /* how libc keeps the stack pointer in them */

static uintptr_t stack_of(const struct __jmp_buf_tag *buffer)
{
    uintptr_t stack = (uintptr_t)buffer->__jmpbuf[STACK_WORD];
    __asm__("ror $17, %0\n\txor %%fs:0x30, %0" : "+r"(stack) : : "cc");
    return stack;
}

static bool buffers_are_understood(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    jmp_buf buffer;

    if (buffers == NOT_ASKED && _setjmp(buffer) == 0)
        buffers = stack_of(buffer) - (here - NEAR) < 2 * NEAR ? UNDERSTOOD : NOT_UNDERSTOOD;
    return buffers == UNDERSTOOD;
}

/* One jump, to be made from another stack. */
struct jump {
    jump_function *next;
    struct __jmp_buf_tag *buffer;
    int value;
};

__attribute__((noreturn)) static void jump_make(const struct jump *jump)
{
    struct jump made = *jump;
    kernel_sigset ours = KERNEL_SIGSET_BIT(SIGSTKFLT);

    if (!made.buffer->__mask_was_saved)
        system_sigprocmask(SIG_UNBLOCK, &ours, NULL);
    made.next(made.buffer, made.value);
    __builtin_unreachable();
}

__attribute__((noreturn)) static void jump(int number, struct __jmp_buf_tag *buffer, int value)
{
    struct jump jump = {.buffer = buffer, .value = value};

    *(void **)&jump.next = preload_next(&slots[number], names[number]);
    if (handlers_block_for_us() && signal_stack_in_use() && buffers_are_understood() &&
        !signal_stack_holds(stack_of(buffer)) && !preload_stands_aside())
        __asm__ volatile("mov %[stack], %%rsp\n\t"
                         "xor %%ebp, %%ebp\n\t"
                         "call *%[function]"
                         :
                         : [stack] "r"((stack_of(buffer) - BELOW) / ALIGNMENT * ALIGNMENT),
                           [function] "r"(jump_make), "D"(&jump)
                         : "memory");
    jump.next(buffer, value);
    __builtin_unreachable();
}

#define JUMPS(name, number)                                                                        \
    PRELOAD_EXPORT __attribute__((noreturn)) void name(struct __jmp_buf_tag buffer[1], int value); \
    PRELOAD_EXPORT void name(struct __jmp_buf_tag buffer[1], int value)                            \
    {                                                                                              \
        jump(number, buffer, value);                                                               \
    }

JUMPS(longjmp, LONGJMP)
JUMPS(_longjmp, PLAIN_LONGJMP)
JUMPS(siglongjmp, SIGLONGJMP)
JUMPS(__longjmp_chk, CHECKED_LONGJMP)
