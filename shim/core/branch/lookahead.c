/* Look-ahead as a branch source: from the interrupted registers, at once. */
#include <asm/prctl.h>
#include <sys/auxv.h>

#include "shim/core/budget/governor.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/lookahead/thunks.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/source.h"
#include "shim/core/thread/thread.h"

#define HWCAP2_FSGSBASE_BIT 2u

static bool has_rdfsbase;

static bool lookahead_start(char *why, size_t why_size)
{
    static const char reason[] = "checked memory reads (process_vm_readv) are refused";
    vectors_start();
    pages_start();
    has_rdfsbase = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT;
    if (memory_start())
        return true;
    for (size_t i = 0; i < why_size && i < sizeof(reason); i++)
        why[i] = reason[i];
    return false;
}

static uint64_t fs_base(void)
{
    uint64_t base = 0;
    if (has_rdfsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        system_call(SYS_arch_prctl, ARCH_GET_FS, &base);
    return base;
}

static void registers_take(struct registers *registers, const ucontext_t *context, uint64_t fs_base)
{
    static const uint8_t order[REGISTER_COUNT] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
    };
    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        registers->general[i] = (uint64_t)context->uc_mcontext.gregs[order[i]];
        registers->poison[i] = 0;
    }
    registers->instruction = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    registers->flags = (uint32_t)context->uc_mcontext.gregs[REG_EFL];
    registers->flags_poison = 0;
    registers->fs_base = fs_base;
    vectors_begin(&registers->vectors, context->uc_mcontext.fpregs);
}

void lookahead_window(struct lookahead *lookahead, struct pages *pages, const ucontext_t *context,
                      uint64_t fs_base, struct window *window)
{
    struct pgoraw_header *header = store_header();
    uint32_t decoded = lookahead->code.decoded;
    enum pgoraw_counter stop;

    lookahead->branch_limit = governor_window();
    registers_take(&lookahead->registers, context, fs_base);
    lines_begin(&lookahead->lines, pages);
    code_begin(&lookahead->code, &lookahead->lines);
    window_begin(window, lookahead->registers.instruction);
    lookahead->registers.vectors.control_known = thunks_begin(context->uc_mcontext.fpregs->mxcsr);
    stop = lookahead_run(lookahead, window);
    x87_end(&lookahead->registers.vectors);
    thunks_end();
    governor_window_took(lookahead->instructions);
    store_count(header, stop, 1);
    store_count(header, PGORAW_COUNT_INSTRUCTIONS, lookahead->instructions);
    store_count(header, PGORAW_COUNT_DECODED, lookahead->code.decoded - decoded);
    store_count(header, PGORAW_COUNT_MEMORY_FETCHES, lookahead->lines.fetches);
}

void lookahead_predict(struct thread *thread, const ucontext_t *context, struct window *window)
{
    lookahead_window(&thread->lookahead, &thread->pages, context, fs_base(), window);
    window->callers = thread->callers;
}

static void lookahead_sample(struct thread *thread, ucontext_t *context)
{
    lookahead_predict(thread, context, &thread->window);
    window_commit(&thread->window);
}

const struct branch_source branch_source_lookahead = {.kind = PGORAW_BRANCHES_LOOKAHEAD,
                                                      .name = "lookahead",
                                                      .start = lookahead_start,
                                                      .sample = lookahead_sample};
