/*
 * The caller that a call chain by frame pointers lacks: that of a function which
 * has no frame where it was sampled (small leaf functions, the first and the
 * last instruction of others).  The frame pointer is its caller's there, and the
 * chain goes on at that caller's caller; but the return address is on top of the
 * stack.
 * Needs the process's modules (target_use); their code is read and decoded.
 */
#ifndef SHIM_OUTSIDE_LEAF_H
#define SHIM_OUTSIDE_LEAF_H

#include <stdint.h>

#include "shim/outside/ring.h"

/*
 * The return address of the function sampled at `address`, where it has no frame
 * there: at a return, between the two instructions that set a frame up, or where
 * nothing from the function's beginning on has changed the stack pointer.  `top`
 * has the words that the stack pointer points to.  0: it has a frame, or it is
 * not known where it begins.
 */
#define LEAF_WORDS RING_STACK_WORDS
uint64_t leaf_return_address(uint64_t address, const uint64_t top[LEAF_WORDS]);

#endif
