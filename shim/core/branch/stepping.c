#include "shim/core/branch/stepping.h"

#include <errno.h>
#include <signal.h>

#include "shim/core/ground/kernel_signal.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/text.h"
#include "shim/core/lookahead/decode.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread_register.h"

#define TRAP_FLAG 0x100

static void (*window_ended)(struct thread *thread, const ucontext_t *context,
                            enum pgoraw_counter stop);

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

static void stepping_end(struct thread *thread, ucontext_t *context, enum pgoraw_counter stop)
{
    context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    thread->step_deadline = 0;
    window_ended(thread, context, stop);
}

bool stepping_may(uint64_t address, enum pgoraw_counter *stop)
{
    struct operation operation;

    if (!operation_at(address, &operation))
        *stop = PGORAW_COUNT_STOP_DECODE;
    else if (operation.code == OPERATION_SYSTEM_CALL)
        *stop = PGORAW_COUNT_STOP_SYSTEM_CALL;
    else if (operation.code == OPERATION_PUSH_FLAGS) /* it would show the trap flag */
        *stop = PGORAW_COUNT_STOP_UNSUPPORTED;
    else
        return true;
    return false;
}

enum stepping stepping_follow(struct window *window, uint64_t before, uint64_t address,
                              enum pgoraw_counter *stop)
{
    struct operation operation;
    bool transfers;

    if (!operation_at(before, &operation)) {
        *stop = PGORAW_COUNT_STOP_DECODE;
        return STEPPING_LOST;
    }
    transfers = operation.code >= OPERATION_JUMP && operation.code <= OPERATION_RETURN;
    if (address == before && !transfers)
        return STEPPING_REPEATED;
    /* A jump table may lead to the next instruction: that is a taken branch all the same. */
    if (address == before + operation.length &&
        (!transfers || operation.code == OPERATION_JUMP_IF || operation.code == OPERATION_LOOP ||
         operation.code == OPERATION_JUMP_COUNT_ZERO)) {
        window->last = before;
    } else if (transfers) {
        window_add(window, before, address, operation_branch(&operation), operation.length);
    } else { /* a signal handler of the application came between */
        *stop = PGORAW_COUNT_STOP_FAULT;
        return STEPPING_LOST;
    }
    store_count(store_header(), PGORAW_COUNT_INSTRUCTIONS, 1);
    return STEPPING_DONE;
}

/* Lets the instruction that comes next be stepped, unless the window ends before it. */
static void step_next(struct thread *thread, ucontext_t *context)
{
    uint64_t address = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    enum pgoraw_counter stop;

    if (thread->window.count == thread->lookahead.branch_limit) {
        stepping_end(thread, context, PGORAW_COUNT_STOP_BRANCH_LIMIT);
    } else if (thread->step_deadline <= 1) {
        stepping_end(thread, context, PGORAW_COUNT_STOP_INSTRUCTION_LIMIT);
    } else if (!stepping_may(address, &stop)) {
        stepping_end(thread, context, stop);
    } else {
        thread->step_previous = address;
        context->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
    }
}

/* One instruction was run: what did it do? */
static void step_done(struct thread *thread, ucontext_t *context)
{
    uint64_t address = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    enum pgoraw_counter stop;

    switch (stepping_follow(&thread->window, thread->step_previous, address, &stop)) {
    case STEPPING_LOST:
        stepping_end(thread, context, stop);
        return;
    case STEPPING_DONE:
        thread->step_deadline--;
        break;
    case STEPPING_REPEATED:
        break;
    }
    step_next(thread, context);
}

/* In virtual machines the kernel sometimes takes a step for a breakpoint; int3 has another code. */
static bool is_step(const siginfo_t *information)
{
    return information->si_code == TRAP_TRACE || information->si_code == TRAP_BRKPT;
}

static void trap_handle(int signal, siginfo_t *information, void *context)
{
    int saved_errno = errno;
    struct thread *thread = thread_current();

    if (is_step(information) && thread && thread->step_deadline)
        step_done(thread, context);
    else
        kernel_signal_default(signal);
    errno = saved_errno;
}

bool stepping_start(void (*ended)(struct thread *thread, const ucontext_t *context,
                                  enum pgoraw_counter stop),
                    char *why, size_t why_size)
{
    if (memory_start() && kernel_signal_install(SIGTRAP, trap_handle)) {
        window_ended = ended;
        return true;
    }
    text_print(why, why_size, "SIGTRAP is in use, or process_vm_readv is refused");
    return false;
}

bool stepping_started(void)
{
    return window_ended != NULL;
}

void stepping_begin(struct thread *thread, ucontext_t *context, uint32_t instructions)
{
    thread->step_deadline = instructions + 1ull;
    step_next(thread, context);
}

bool stepping_active(const struct thread *thread)
{
    return thread->step_deadline != 0;
}
