/*
 * Quick forms: which shape of the few dozen that quick.h does inline an operation has.
 * Signal-safe, no state.
 */
#ifndef SHIM_CORE_LOOKAHEAD_QUICK_FORMS_H
#define SHIM_CORE_LOOKAHEAD_QUICK_FORMS_H

#include "shim/core/lookahead/operation.h"

enum quick {
    QUICK_NONE = 0,
    QUICK_NOTHING,
    QUICK_COPY,      /* register = register + immediate, one of them 0 */
    QUICK_COPY_ZERO, /* register = `detail` bytes of a register, zero-extended */
    QUICK_COPY_SIGN, /* the same, sign-extended */
    QUICK_LOAD,      /* register = memory */
    QUICK_LOAD_ZERO, /* register = memory, zero-extended from `detail` bytes */
    QUICK_LOAD_SIGN, /* register = memory, sign-extended from `detail` bytes */
    QUICK_STORE,     /* memory = register + immediate, one of them 0 */
    QUICK_ADDRESS,
    QUICK_ZERO, /* xor or sub of a register with itself */
    QUICK_PUSH,
    QUICK_POP,
    /* Second operand: register + immediate, one of them 0. */
    QUICK_ADD,
    QUICK_SUBTRACT,
    QUICK_AND,
    QUICK_OR,
    QUICK_EXCLUSIVE_OR,
    QUICK_COMPARE,
    QUICK_TEST,
    /* One operand in memory. */
    QUICK_ADD_MEMORY,     /* register += memory */
    QUICK_COMPARE_MEMORY, /* memory with register + immediate */
    QUICK_COMPARE_WITH_MEMORY,
    QUICK_TEST_MEMORY,
    QUICK_COUNT,
};

/* Chooses the form of a decoded operation; may rewrite its source so that it fits. */
void quick_choose(struct operation *operation);

#endif
