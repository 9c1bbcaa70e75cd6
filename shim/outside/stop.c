#include "shim/outside/stop.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
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

/* The registers of a stopped thread.  False: it is in a system call, or cannot be read. */
static bool registers_read(pid_t thread, struct stopped *stopped)
{
    static const uint32_t magic = 0x46505853; /* FP_XSTATE_MAGIC1: all of the state is here */
    struct user_regs_struct general;
    struct iovec registers = {&general, sizeof(general)};
    struct iovec state = {stopped->state, sizeof(stopped->state)};

    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &registers) != 0 ||
        (int64_t)general.orig_rax >= 0 ||
        ptrace(PTRACE_GETREGSET, thread, NT_X86_XSTATE, &state) != 0 ||
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
    if (!is_running(process, thread) || ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0)
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

void stop_end(pid_t thread)
{
    ptrace(PTRACE_DETACH, thread, NULL, NULL);
}
