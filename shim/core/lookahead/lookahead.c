#include "shim/core/lookahead/lookahead.h"

#include "shim/core/budget/governor.h"
#include "shim/core/lookahead/context.h"
#include "shim/core/lookahead/thunks.h"
#include "shim/core/store/store.h"

/* Alignment checks and single steps: thunks load the flags, and must not have these. */
#define SWITCH_FLAGS 0x40100u

static void registers_take(struct registers *registers, const ucontext_t *context, uint64_t fs_base)
{
    uint32_t flags = (uint32_t)context->uc_mcontext.gregs[REG_EFL];

    for (unsigned i = 0; i < REGISTER_COUNT; i++) {
        registers->general[i] = context_register(context, i);
        registers->poison[i] = 0;
    }
    registers->instruction = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    registers->flags = flags & ~SWITCH_FLAGS;
    registers->flags_poison = flags & SWITCH_FLAGS;
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
    if (code_is_void(&lookahead->code)) {
        store_count(header, PGORAW_COUNT_DROP_REPLACED, window->count);
        window_begin(window, window->sample);
    }
    x87_end(&lookahead->registers.vectors);
    thunks_end();
    governor_window_took(lookahead->instructions);
    store_count(header, stop, 1);
    store_count(header, PGORAW_COUNT_INSTRUCTIONS, lookahead->instructions);
    store_count(header, PGORAW_COUNT_DECODED, lookahead->code.decoded - decoded);
    store_count(header, PGORAW_COUNT_MEMORY_FETCHES, lookahead->lines.fetches);
}
