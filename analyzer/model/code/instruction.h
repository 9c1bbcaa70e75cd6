/*
 * An instruction, as far as the flow of control goes.
 */
#ifndef ANALYZER_MODEL_CODE_INSTRUCTION_H
#define ANALYZER_MODEL_CODE_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

enum instruction_kind {
    INSTRUCTION_OTHER,       /* goes on with the next instruction */
    INSTRUCTION_CONDITIONAL, /* conditional branch */
    INSTRUCTION_JUMP,        /* unconditional branch */
    INSTRUCTION_CALL,
    INSTRUCTION_RETURN,
    INSTRUCTION_STOP, /* never goes on: ud2, hlt, int3 */
};

struct instruction {
    uint64_t address;
    uint8_t size; /* bytes */
    enum instruction_kind kind;
    bool is_indirect; /* a jump or call whose target is not in the instruction */
    uint64_t target;  /* of a direct branch or call */
};

/* Whether control goes on with the next instruction, or may; after a call, too. */
static inline bool instruction_falls_through(const struct instruction *instruction)
{
    return instruction->kind != INSTRUCTION_JUMP && instruction->kind != INSTRUCTION_RETURN &&
           instruction->kind != INSTRUCTION_STOP;
}

/* Whether it is a branch or call whose target is in it. */
static inline bool instruction_has_target(const struct instruction *instruction)
{
    return !instruction->is_indirect &&
           (instruction->kind == INSTRUCTION_CONDITIONAL || instruction->kind == INSTRUCTION_JUMP ||
            instruction->kind == INSTRUCTION_CALL);
}

#endif
