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

void kernel_signal_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".hidden kernel_signal_return\n"
        ".type kernel_signal_return, @function\n"
        "kernel_signal_return:\n\t"
        "mov $15, %eax\n\t" /* rt_sigreturn */
        "syscall\n"
        ".size kernel_signal_return, . - kernel_signal_return\n");

bool kernel_signal_install(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct kernel_sigaction present = {0}, ours;

    if (system_call(SYS_rt_sigaction, signal, NULL, &present, sizeof(kernel_sigset)) < 0 ||
        present.handler != NULL)
        return false;
    memset(&ours, 0, sizeof(ours));
    ours.handler = handler;
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
