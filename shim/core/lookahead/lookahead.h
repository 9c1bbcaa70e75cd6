/*
 * Look-ahead: from an interrupted thread's registers, work out which branches
 * it is about to take, without any effect on it.
 *
 *   decode.c      machine code to micro-operations (Zydis)
 *   code.c        the cache of them, per thread
 *   lines.c       memory as the window sees it: what was read, what was stored
 *   registers.h   registers and flags, each byte and bit known or unknown
 *   arithmetic.h  what the CPU itself computes, flags included
 *   execute.c     the interpreter's loop and control flow
 *   compute.c     data movement and arithmetic
 *   strings.c     movs, stos and their kin
 *   vectors.c     vector and mask registers
 *   thunks.c      instructions that the CPU does for us
 *   uninterpreted.c  where those, and what nobody does, meet the window
 *
 * Registers are a copy, stores go to private lines, loads are checked reads:
 * nothing of the application changes and nothing can fault.  What is not known
 * is poison, and poison spreads to what is made from it.  The window ends where
 * the path is no longer certain: at a system call, at a branch on poison, at a
 * store to an unknown address, where the program would fault, or at its limits.
 *
 * All state is per thread, in struct lookahead; nothing is allocated.
 */
#ifndef SHIM_CORE_LOOKAHEAD_LOOKAHEAD_H
#define SHIM_CORE_LOOKAHEAD_LOOKAHEAD_H

#include "pgoshim/raw.h"
#include "shim/core/lookahead/code_cache.h"
#include "shim/core/lookahead/lines.h"
#include "shim/core/lookahead/registers.h"
#include "shim/core/window/window.h"

#define LOOKAHEAD_INSTRUCTIONS 8192 /* instructions that end a window */

struct lookahead {
    struct registers registers;
    struct lines lines;
    struct code code;
    uint32_t branch_limit; /* taken branches that end a window; set by the caller */
    uint32_t instructions; /* looked at in this window */
};

/* What the control-flow operation does to the thread's callers. */
static inline enum branch_kind operation_branch(const struct operation *operation)
{
    if (operation->code < OPERATION_CALL)
        return BRANCH_JUMP;
    return operation->code == OPERATION_RETURN ? BRANCH_RETURN : BRANCH_CALL;
}

/*
 * Runs ahead from `lookahead->registers` (set by the caller) and adds the taken
 * branches to `window`.  The caller has begun the window, the lines and the code.
 * Returns why the window ended: the counter of include/pgoshim/raw.h to add to.
 */
enum pgoraw_counter lookahead_run(struct lookahead *lookahead, struct window *window);

#endif
