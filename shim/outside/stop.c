#include "shim/outside/stop.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATE_SOFTWARE 464 /* struct _fpx_sw_bytes of a signal frame (asm/sigcontext.h) */
#define STATE_LEGACY 576   /* FXSAVE part and XSAVE header */

bool stop_allowed(void)
{
    /* Nobody has this number: anything but that it is not there comes from a filter. */
    return ptrace(PTRACE_SEIZE, INT32_MAX, NULL, NULL) == 0 || errno == ESRCH;
}

/* Lets go of a thread that has ended: until then its own parent does not hear of it. */
static void ended_leave(pid_t thread, bool is_child)
{
    if (!is_child)
        waitpid(thread, NULL, __WALL);
}

/* Until the thread has stopped as it was asked to.  False: it has ended, or was let go. */
static bool stop_wait(pid_t thread, bool is_child)
{
    siginfo_t information = {0};
    int status, signal, event;

    if (waitid(P_PID, (id_t)thread, &information, WSTOPPED | WEXITED | WNOWAIT | __WALL) != 0)
        return false;
    if (information.si_code != CLD_TRAPPED && information.si_code != CLD_STOPPED) {
        ended_leave(thread, is_child);
        return false;
    }
    if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
        return false;
    signal = WSTOPSIG(status);
    event = status >> 16;
    if (event == PTRACE_EVENT_STOP && signal == SIGTRAP)
        return true;
    /* On its way to a signal, which it gets; or the whole process is stopped, and stays so. */
    ptrace(PTRACE_DETACH, thread, NULL, (void *)(uintptr_t)(event ? 0 : signal));
    return false;
}

/* Whether it is on a CPU, or waits for one. */
static bool is_running(pid_t process, pid_t thread)
{
    char path[64], line[512];
    const char *state;
    ssize_t length;
    int descriptor;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)process, (int)thread);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    length = read(descriptor, line, sizeof(line) - 1);
    close(descriptor);
    line[length > 0 ? length : 0] = '\0';
    state = strrchr(line, ')');
    return state && state[1] == ' ' && state[2] == 'R';
}

static void registers_place(const struct user_regs_struct *from, ucontext_t *context)
{
    greg_t *to = context->uc_mcontext.gregs;

    to[REG_RAX] = (greg_t)from->rax;
    to[REG_RCX] = (greg_t)from->rcx;
    to[REG_RDX] = (greg_t)from->rdx;
    to[REG_RBX] = (greg_t)from->rbx;
    to[REG_RSP] = (greg_t)from->rsp;
    to[REG_RBP] = (greg_t)from->rbp;
    to[REG_RSI] = (greg_t)from->rsi;
    to[REG_RDI] = (greg_t)from->rdi;
    to[REG_R8] = (greg_t)from->r8;
    to[REG_R9] = (greg_t)from->r9;
    to[REG_R10] = (greg_t)from->r10;
    to[REG_R11] = (greg_t)from->r11;
    to[REG_R12] = (greg_t)from->r12;
    to[REG_R13] = (greg_t)from->r13;
    to[REG_R14] = (greg_t)from->r14;
    to[REG_R15] = (greg_t)from->r15;
    to[REG_RIP] = (greg_t)from->rip;
    to[REG_EFL] = (greg_t)from->eflags;
}

/*
 * Calls that say EINTR to a stop, which most others do not let the program see, and
 * that may be begun again: where they say so, nothing was done (signal(7)).
 * Those on sockets do so where the socket has a time limit.
 */
static bool may_begin_again(uint64_t call)
{
    switch (call) {
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
    case SYS_semop:
    case SYS_semtimedop:
    case SYS_msgrcv:
    case SYS_msgsnd:
    case SYS_rt_sigtimedwait:
    case SYS_io_getevents:
    case SYS_io_pgetevents:
    case SYS_io_uring_enter:
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_accept:
    case SYS_accept4:
    case SYS_write:
    case SYS_writev:
    case SYS_sendto:
    case SYS_sendmsg:
        return true;
    default:
        return false;
    }
}

/*
 * The kernel begins a call again whose result is this one, unless a signal handler
 * is to be called, and then it says EINTR after all (Linux, include/linux/errno.h).
 */
static void call_begin_again(pid_t thread, const struct user_regs_struct *general)
{
    static const long restart_unless_handled = -514; /* -ERESTARTNOHAND */

    if ((int64_t)general->rax == -EINTR && may_begin_again(general->orig_rax))
        ptrace(PTRACE_POKEUSER, thread, offsetof(struct user, regs.rax), restart_unless_handled);
}

/* The registers of a stopped thread.  False: it is in a system call, or cannot be read. */
static bool registers_read(pid_t thread, struct stopped *stopped)
{
    static const uint32_t magic = 0x46505853; /* FP_XSTATE_MAGIC1: all of the state is here */
    struct user_regs_struct general;
    struct iovec registers = {&general, sizeof(general)};
    struct iovec state = {stopped->state, sizeof(stopped->state)};

    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &registers) != 0)
        return false;
    if ((int64_t)general.orig_rax >= 0) {
        call_begin_again(thread, &general);
        return false;
    }
    if (ptrace(PTRACE_GETREGSET, thread, NT_X86_XSTATE, &state) != 0 ||
        state.iov_len < STATE_LEGACY)
        return false;
    registers_place(&general, &stopped->context);
    stopped->fs_base = general.fs_base;
    /* The kernel has its mask of components here, which nobody asks for. */
    memcpy(stopped->state + STATE_SOFTWARE, &magic, sizeof(magic));
    stopped->context.uc_mcontext.fpregs = (fpregset_t)(void *)stopped->state;
    return true;
}

bool stop_begin(pid_t process, pid_t thread, bool is_child, struct stopped *stopped)
{
    return is_running(process, thread) && stop_thread(thread, is_child, stopped);
}

bool stop_thread(pid_t thread, bool is_child, struct stopped *stopped)
{
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0)
        return false;
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) {
        ended_leave(thread, is_child);
        return false;
    }
    if (!stop_wait(thread, is_child))
        return false;
    if (registers_read(thread, stopped))
        return true;
    stop_end(thread);
    return false;
}

bool stop_step(pid_t thread, struct stopped *stopped)
{
    struct user_regs_struct general;
    struct iovec registers = {&general, sizeof(general)};
    int status;

    if (ptrace(PTRACE_SINGLESTEP, thread, NULL, NULL) != 0 ||
        waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
        return false;
    if (status >> 8 != SIGTRAP) {
        ptrace(PTRACE_DETACH, thread, NULL,
               (void *)(uintptr_t)(status >> 16 ? 0 : WSTOPSIG(status)));
        return false;
    }
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &registers) == 0) {
        registers_place(&general, &stopped->context);
        return true;
    }
    stop_end(thread);
    return false;
}

void stop_end(pid_t thread)
{
    ptrace(PTRACE_DETACH, thread, NULL, NULL);
}
