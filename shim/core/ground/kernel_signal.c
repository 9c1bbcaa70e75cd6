#include "shim/core/ground/kernel_signal.h"

#include <string.h>

#include "shim/core/ground/system_call.h"

/* The kernel's own layout: libc's sigaction may be the application's. */
struct kernel_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    kernel_sigset mask;
};

#define KERNEL_SA_RESTORER 0x04000000ul
#define SIGNALS 64

typedef void signal_handler(int, siginfo_t *, void *);
extern signal_handler *kernel_signal_handlers[SIGNALS + 1];
signal_handler *kernel_signal_handlers[SIGNALS + 1] __attribute__((visibility("hidden")));

void kernel_signal_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".hidden kernel_signal_return\n"
        ".type kernel_signal_return, @function\n"
        "kernel_signal_return:\n\t"
        "mov $15, %eax\n\t" /* rt_sigreturn */
        "syscall\n"
        ".size kernel_signal_return, . - kernel_signal_return\n");

/*
 * What the kernel calls.  Nothing is pushed before the protection keys are open, for the stack may
 * be behind one (wrpkru wants zeros in ecx and edx), and no unaligned access comes before alignment
 * checks are off: the pushed flags are aligned.
 */
void kernel_signal_enter(int, siginfo_t *, void *) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".hidden kernel_signal_enter\n"
        ".type kernel_signal_enter, @function\n"
        "kernel_signal_enter:\n\t"
        "cmpb $0, cpu_keys_on(%rip)\n\t"
        "je 1f\n\t"
        "mov %rdx, %r10\n\t"
        "xor %eax, %eax\n\t"
        "xor %ecx, %ecx\n\t"
        "xor %edx, %edx\n\t"
        "wrpkru\n\t"
        "mov %r10, %rdx\n"
        "1:\tpushfq\n\t"
        "testl $0x40000, (%rsp)\n\t"
        "jz 2f\n\t"
        "andl $0xfffbffff, (%rsp)\n\t"
        "popfq\n\t"
        "jmp 3f\n"
        "2:\tlea 8(%rsp), %rsp\n"
        "3:\tmovslq %edi, %rax\n\t"
        "lea kernel_signal_handlers(%rip), %rcx\n\t"
        "jmp *(%rcx,%rax,8)\n"
        ".size kernel_signal_enter, . - kernel_signal_enter\n");

bool kernel_signal_install(int signal, void (*handler)(int, siginfo_t *, void *))
{
    void (*const ignored)(int, siginfo_t *, void *) = (void *)SIG_IGN;
    struct kernel_sigaction present = {0};

    return system_call(SYS_rt_sigaction, signal, NULL, &present, sizeof(kernel_sigset)) >= 0 &&
           (present.handler == NULL || present.handler == ignored) &&
           kernel_signal_take_over(signal, handler);
}

bool kernel_signal_take_over(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct kernel_sigaction ours;

    memset(&ours, 0, sizeof(ours));
    kernel_signal_handlers[signal] = handler;
    ours.handler = kernel_signal_enter;
    ours.flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | KERNEL_SA_RESTORER;
    ours.restorer = kernel_signal_return;
    ours.mask = ~UINT64_C(0);
    return system_call(SYS_rt_sigaction, signal, &ours, NULL, sizeof(kernel_sigset)) == 0;
}

void kernel_signal_default(int signal)
{
    struct kernel_sigaction none;
    memset(&none, 0, sizeof(none));
    system_call(SYS_rt_sigaction, signal, &none, NULL, sizeof(kernel_sigset));
    system_call(SYS_tgkill, system_call(SYS_getpid), system_thread_id(), signal);
}
