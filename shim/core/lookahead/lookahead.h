/*
 * Look-ahead: from an interrupted thread's registers, work out which branches
 * it is about to take, without any effect on it.
 *
 *   lookahead.c      a window from beginning to end
 *   operation.h      micro-operations: what instructions are decoded to
 *   decode.c         machine code to micro-operations (Zydis)
 *   code_cache.c     the micro-operations of a thread, decoded once
 *   lines.c          memory as the window sees it: what was read, what was stored
 *   registers.h      registers and flags, each byte and bit known or unknown
 *   context.h        the registers in a signal frame
 *   vectors.c        vector and mask registers
 *   interpreter.h    what the files of the interpreter share
 *   execute.c        the interpreter's loop and control flow
 *   quick.h          the shapes that most instructions have, done inline
 *   quick_forms.c    which instructions have them
 *   arithmetic.h     what the CPU itself computes, flags included
 *   compute.c        data movement and arithmetic
 *   bits.c           single bits, shifts, counts of bits
 *   operands.c       access to registers and memory by operand
 *   strings.c        movs, stos and their kin
 *   thunks.c         instructions that the CPU does for us
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

#include <ucontext.h>

#include "shim/core/lookahead/execute.h"
#include "shim/core/window/window.h"

/*
 * Predicts the branches of a thread that stands still at `context`, of which the registers and the
 * extended state are read; `fs_base` is its thread pointer.  `window` holds them afterwards, but
 * for its callers.  `pages` has begun for this sample, vectors_start and pages_start were called,
 * and the store is open: what ended the window is counted.  Signal-safe.
 */
void lookahead_window(struct lookahead *lookahead, struct pages *pages, const ucontext_t *context,
                      uint64_t fs_base, struct window *window);

#endif
