/*
 * Micro-operations: what an instruction is decoded to, once, and interpreted as often as a window
 * passes it.  Signal-safe, no state.
 */
#ifndef SHIM_CORE_LOOKAHEAD_OPERATION_H
#define SHIM_CORE_LOOKAHEAD_OPERATION_H

#include <stdint.h>

#include "shim/core/window/window.h"

enum operation_code {
    OPERATION_INVALID = 0, /* operation 0 of the cache: what no link leads to */
    OPERATION_CONTINUE,    /* not an instruction: the chain goes on at `target` */
    OPERATION_VERIFY,      /* not one either: the chain holds where its code is what it was */

    /* Two operands: destination and source. */
    OPERATION_MOVE,
    OPERATION_MOVE_ZERO,
    OPERATION_MOVE_SIGN,
    OPERATION_ADD,
    OPERATION_ADD_CARRY,
    OPERATION_SUBTRACT,
    OPERATION_SUBTRACT_BORROW,
    OPERATION_AND,
    OPERATION_OR,
    OPERATION_EXCLUSIVE_OR,
    OPERATION_COMPARE,
    OPERATION_TEST,
    OPERATION_EXCHANGE,
    OPERATION_EXCHANGE_ADD,
    OPERATION_COMPARE_EXCHANGE,
    OPERATION_MULTIPLY, /* imul r, r/m [, immediate]: `third` */
    OPERATION_BIT_TEST,
    OPERATION_BIT_SET,
    OPERATION_BIT_RESET,
    OPERATION_BIT_COMPLEMENT,
    OPERATION_SCAN_FORWARD,
    OPERATION_SCAN_REVERSE,
    OPERATION_TRAILING_ZEROS,
    OPERATION_LEADING_ZEROS,
    OPERATION_POPULATION_COUNT,
    OPERATION_SHIFT_LEFT,
    OPERATION_SHIFT_RIGHT,
    OPERATION_SHIFT_ARITHMETIC,
    OPERATION_ROTATE_LEFT,
    OPERATION_ROTATE_RIGHT,
    OPERATION_SHIFT_LEFT_DOUBLE,
    OPERATION_SHIFT_RIGHT_DOUBLE,
    OPERATION_CONDITIONAL_MOVE,

    /* One operand. */
    OPERATION_ADDRESS, /* lea */
    OPERATION_INCREMENT,
    OPERATION_DECREMENT,
    OPERATION_NEGATE,
    OPERATION_NOT,
    OPERATION_SET_CONDITION,
    OPERATION_SWAP_BYTES,
    OPERATION_PUSH,
    OPERATION_POP,
    OPERATION_MULTIPLY_WIDE,
    OPERATION_MULTIPLY_WIDE_SIGNED,
    OPERATION_DIVIDE,
    OPERATION_DIVIDE_SIGNED,

    /* No operand. */
    OPERATION_NOTHING,
    OPERATION_LEAVE,
    OPERATION_WIDEN,      /* cbw, cwde, cdqe */
    OPERATION_SIGN_SPLIT, /* cwd, cdq, cqo */
    OPERATION_FLAGS,      /* flags set, cleared by the immediate's halves */
    OPERATION_COMPLEMENT_CARRY,
    OPERATION_PUSH_FLAGS,
    OPERATION_THUNK,  /* done by the CPU itself: `link` is the thunk's number */
    OPERATION_POISON, /* effects known, values not: what it writes becomes poison */

    /* Strings. */
    OPERATION_STRING_MOVE,
    OPERATION_STRING_STORE,
    OPERATION_STRING_LOAD,
    OPERATION_STRING_SCAN,
    OPERATION_STRING_COMPARE,

    /* Control flow. */
    OPERATION_JUMP,
    OPERATION_JUMP_IF,
    OPERATION_JUMP_COUNT_ZERO, /* jrcxz */
    OPERATION_LOOP,
    OPERATION_JUMP_INDIRECT,
    OPERATION_CALL,
    OPERATION_CALL_INDIRECT,
    OPERATION_RETURN,

    /* The window ends before it. */
    OPERATION_SYSTEM_CALL,
    OPERATION_UNSUPPORTED,
    OPERATION_UNDECODABLE,
};

/* Where an operand is. */
#define FORM_DESTINATION_MEMORY 1u
#define FORM_SOURCE_MEMORY 2u
#define FORM_SOURCE_IMMEDIATE 4u
#define FORM_HAS_MEMORY (FORM_DESTINATION_MEMORY | FORM_SOURCE_MEMORY)
#define FORM_SHORT_ADDRESS 8u /* 32-bit address size */
#define FORM_REPEAT 16u
#define FORM_REPEAT_NOT 32u
#define FORM_SEGMENT_FS 64u
#define FORM_SEGMENT_GS 128u

struct operation {
    uint8_t code;        /* enum operation_code */
    uint8_t form;        /* FORM_ bits */
    uint8_t size;        /* of the operation, in bytes: 1, 2, 4, 8 */
    uint8_t length;      /* of the instruction, in bytes */
    uint8_t destination; /* register number, or REGISTER_NONE */
    uint8_t source;
    uint8_t base, index;       /* of the memory operand; REGISTER_ZERO */
    uint8_t scale : 2;         /* shift of the index: 0 to 3 */
    uint8_t quick : 6;         /* enum quick: how the interpreter's loop does it at once */
    uint8_t detail;            /* condition code; source size of a widening move; third register */
    uint16_t flags_written;    /* FLAG_ bits that get a defined value */
    uint16_t flags_undefined;  /* FLAG_ bits that become unknown */
    uint16_t poison_registers; /* OPERATION_POISON: general registers that become unknown */
    union {
        int32_t immediate;
        uint32_t verified; /* OPERATION_VERIFY: the window that last found the code as it was */
    };
    /* Operation that a direct branch leads to, 0: not known yet; the thunk's number; or, of
     * OPERATION_POISON, the vector registers that become unknown (mask registers: detail; all of
     * x87 where size is not 0). */
    uint32_t link;
    union {
        int64_t displacement; /* of the memory operand, absolute where it is rip-relative */
        uint64_t target;      /* of a direct branch */
        int64_t wide_immediate;
        uint64_t code_hash; /* OPERATION_VERIFY: of the `detail` bytes that were decoded */
    };
};

_Static_assert(sizeof(struct operation) == 32, "operations are read by the cache line");

/* What the control-flow operation does to the thread's callers. */
static inline enum branch_kind operation_branch(const struct operation *operation)
{
    if (operation->code < OPERATION_CALL)
        return BRANCH_JUMP;
    return operation->code == OPERATION_RETURN ? BRANCH_RETURN : BRANCH_CALL;
}

#endif
