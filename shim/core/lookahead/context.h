/*
 * The general registers in a signal frame, by their numbers in machine code.  Signal-safe.
 */
#ifndef SHIM_CORE_LOOKAHEAD_CONTEXT_H
#define SHIM_CORE_LOOKAHEAD_CONTEXT_H

#include <stdint.h>
#include <ucontext.h>

#include "shim/core/lookahead/registers.h"

/* `number`: below REGISTER_COUNT. */
static inline uint64_t context_register(const ucontext_t *context, unsigned number)
{
    static const uint8_t order[REGISTER_COUNT] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
    };
    return (uint64_t)context->uc_mcontext.gregs[order[number]];
}

#endif
