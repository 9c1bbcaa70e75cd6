/* A call on another stack: the application's may be as small as the kernel allows.  Signal-safe. */
#ifndef SHIM_CORE_GROUND_OWN_STACK_H
#define SHIM_CORE_GROUND_OWN_STACK_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

typedef void own_stack_function(void *first, ucontext_t *context);

/* Calls the function with these arguments on the stack of `size` bytes at `base`, or where that is
 * in use already, goes on on it. */
static inline void own_stack_call(uint8_t *base, size_t size, own_stack_function *function,
                                  void *first, ucontext_t *context)
{
    uint8_t *top = base + size, *here = __builtin_frame_address(0);

    if (here >= base && here < top) {
        function(first, context);
        return;
    }
    __asm__ volatile("mov %%rsp, %%rbx\n\t"
                     "mov %[top], %%rsp\n\t"
                     "call *%[function]\n\t"
                     "mov %%rbx, %%rsp"
                     : "+D"(first), "+S"(context)
                     : [top] "r"(top), [function] "r"(function)
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

#endif
