#include <elf.h>

#include "analyzer/model/code/instruction_set.h"

#define AARCH64_BYTES 4 /* of each instruction */

/* The signed number of instructions in `bits` bits of the word, in bytes. */
static uint64_t distance(uint32_t word, unsigned low, unsigned bits)
{
    int64_t field = word >> low & ((1U << bits) - 1);
    int64_t sign = (int64_t)1 << (bits - 1);
    return (uint64_t)(((field ^ sign) - sign) * AARCH64_BYTES);
}

static bool decode(void *state, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction)
{
    /* By bits 21 to 24: BR, BLR, RET, ERET and DRPS, and the first two with a key and a modifier.
     */
    static const enum instruction_kind to_register[16] = {
        [0] = INSTRUCTION_JUMP,   [1] = INSTRUCTION_CALL,   [2] = INSTRUCTION_RETURN,
        [4] = INSTRUCTION_RETURN, [5] = INSTRUCTION_RETURN, [8] = INSTRUCTION_JUMP,
        [9] = INSTRUCTION_CALL};
    (void)state;
    if (size < AARCH64_BYTES)
        return false;
    uint32_t word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                    (uint32_t)bytes[3] << 24;
    *instruction = (struct instruction){.address = address, .size = AARCH64_BYTES};
    if ((word & 0x7c000000) == 0x14000000) { /* B, BL */
        instruction->kind = word >> 31 ? INSTRUCTION_CALL : INSTRUCTION_JUMP;
        instruction->target = address + distance(word, 0, 26);
    } else if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000) {
        instruction->kind = INSTRUCTION_CONDITIONAL; /* B.cond, BC.cond, CBZ, CBNZ */
        instruction->target = address + distance(word, 5, 19);
    } else if ((word & 0x7e000000) == 0x36000000) { /* TBZ, TBNZ */
        instruction->kind = INSTRUCTION_CONDITIONAL;
        instruction->target = address + distance(word, 5, 14);
    } else if ((word & 0xfe1f0000) == 0xd61f0000) {
        instruction->kind = to_register[word >> 21 & 15];
        instruction->is_indirect =
            instruction->kind == INSTRUCTION_JUMP || instruction->kind == INSTRUCTION_CALL;
    } else if (word < 0x10000 || (word & 0xffe0001f) == 0xd4200000 ||
               (word & 0xffe0001f) == 0xd4400000) { /* UDF, BRK, HLT */
        instruction->kind = INSTRUCTION_STOP;
    }
    return true;
}

const struct instruction_set instructions_aarch64 = {
    .machine = EM_AARCH64,
    .alignment = AARCH64_BYTES,
    .shortest_call = AARCH64_BYTES,
    .longest_call = AARCH64_BYTES,
    .decode = decode,
};
