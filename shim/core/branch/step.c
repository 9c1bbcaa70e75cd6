/*
 * Single-stepping after the sample: exact, and dear (a signal an instruction).
 * For tests.  The window ends before a system call, so that no mask or handler
 * can change while the trap flag is set.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "shim/core/branch/source.h"
#include "shim/core/kernel_signal.h"
#include "shim/core/lookahead/decode.h"
#include "shim/core/memory.h"
#include "shim/core/store/store.h"
#include "shim/core/system_call.h"
#include "shim/core/thread.h"

#define TRAP_FLAG 0x100

/* Reads and decodes what stands at `address`.  False: nothing readable. */
static bool operation_at(uint64_t address, struct operation *operation)
{
    uint8_t bytes[16];
    size_t size = sizeof(bytes);
    if (!memory_read(bytes, address, size)) {
        size = 4096 - address % 4096;
        if (size >= sizeof(bytes) || !memory_read(bytes, address, size))
            return false;
    }
    decode_instruction(bytes, size, address, operation);
    return true;
}

static void window_end(struct thread *thread, ucontext_t *context, enum pgoraw_counter stop)
{
    context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    thread->step_deadline = 0;
    window_commit(&thread->window);
    store_count(store_header(), stop, 1);
}

/* Lets the instruction that comes next be stepped, unless the window ends before it. */
static void step_next(struct thread *thread, ucontext_t *context)
{
    uint64_t address = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    struct operation operation;

    if (thread->window.count == LOOKAHEAD_BRANCHES) {
        window_end(thread, context, PGORAW_COUNT_STOP_BRANCH_LIMIT);
    } else if (thread->step_deadline <= 1) {
        window_end(thread, context, PGORAW_COUNT_STOP_INSTRUCTION_LIMIT);
    } else if (!operation_at(address, &operation)) {
        window_end(thread, context, PGORAW_COUNT_STOP_DECODE);
    } else if (operation.code == OPERATION_SYSTEM_CALL) {
        window_end(thread, context, PGORAW_COUNT_STOP_SYSTEM_CALL);
    } else if (operation.code == OPERATION_PUSH_FLAGS) { /* it would show the trap flag */
        window_end(thread, context, PGORAW_COUNT_STOP_UNSUPPORTED);
    } else {
        thread->step_deadline--;
        thread->step_previous = address;
        context->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
    }
}

/* One instruction was run: what did it do? */
static void step_done(struct thread *thread, ucontext_t *context)
{
    uint64_t address = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    uint64_t before = thread->step_previous;
    struct operation operation;
    bool transfers;

    if (!operation_at(before, &operation)) {
        window_end(thread, context, PGORAW_COUNT_STOP_DECODE);
        return;
    }
    transfers = operation.code >= OPERATION_JUMP && operation.code <= OPERATION_RETURN;
    if (address == before + operation.length || (address == before && !transfers)) {
        thread->window.last = before; /* straight on, or the next round of a repeat */
    } else if (transfers) {
        window_add(&thread->window, before, address);
    } else { /* a signal handler of the application came between */
        window_end(thread, context, PGORAW_COUNT_STOP_FAULT);
        return;
    }
    store_count(store_header(), PGORAW_COUNT_INSTRUCTIONS, 1);
    step_next(thread, context);
}

static void trap_handle(int signal, siginfo_t *information, void *context)
{
    int saved_errno = errno;
    struct thread *thread = thread_current();

    if (information->si_code == TRAP_TRACE && thread && thread->step_deadline)
        step_done(thread, context);
    else
        kernel_signal_default(signal);
    errno = saved_errno;
}

static bool step_start(char *why, size_t why_size)
{
    if (memory_start() && kernel_signal_install(SIGTRAP, trap_handle))
        return true;
    strncpy(why, "SIGTRAP is in use, or process_vm_readv is refused", why_size - 1);
    return false;
}

static void step_sample(struct thread *thread, ucontext_t *context)
{
    if (thread->step_deadline) {
        store_count(store_header(), PGORAW_COUNT_DROP_STEP_BUSY, 1);
        return;
    }
    window_begin(&thread->window, (uint64_t)context->uc_mcontext.gregs[REG_RIP]);
    thread->window.begins_at_sample = true;
    thread->step_deadline = LOOKAHEAD_INSTRUCTIONS + 1;
    step_next(thread, context);
}

const struct branch_source branch_source_step = {
    .kind = PGORAW_BRANCHES_STEP, .name = "step", .start = step_start, .sample = step_sample};
