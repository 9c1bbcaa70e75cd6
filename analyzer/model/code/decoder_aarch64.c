#include "analyzer/model/code/decoder_aarch64.h"

/* The signed number of instructions in `bits` bits of the word, in bytes. */
static uint64_t distance(uint32_t word, unsigned low, unsigned bits)
{
    int64_t field = word >> low & ((1U << bits) - 1);
    int64_t sign = (int64_t)1 << (bits - 1);
    return (uint64_t)(((field ^ sign) - sign) * AARCH64_BYTES);
}

bool aarch64_decode(uint64_t address, const uint8_t *bytes, size_t size,
                    struct instruction *instruction)
{
    /* By bits 21 to 24: BR, BLR, RET, ERET and DRPS, and the first two with a key and a modifier.
     */
    static const enum code_kind to_register[16] = {
        [0] = CODE_JUMP,   [1] = CODE_CALL, [2] = CODE_RETURN, [4] = CODE_RETURN,
        [5] = CODE_RETURN, [8] = CODE_JUMP, [9] = CODE_CALL};
    if (!bytes || size < AARCH64_BYTES || address % AARCH64_BYTES != 0)
        return false;
    uint32_t word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                    (uint32_t)bytes[3] << 24;
    *instruction = (struct instruction){.address = address, .size = AARCH64_BYTES};
    if ((word & 0x7c000000) == 0x14000000) { /* B, BL */
        instruction->kind = word >> 31 ? CODE_CALL : CODE_JUMP;
        instruction->target = address + distance(word, 0, 26);
    } else if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000) {
        instruction->kind = CODE_CONDITIONAL; /* B.cond, BC.cond, CBZ, CBNZ */
        instruction->target = address + distance(word, 5, 19);
    } else if ((word & 0x7e000000) == 0x36000000) { /* TBZ, TBNZ */
        instruction->kind = CODE_CONDITIONAL;
        instruction->target = address + distance(word, 5, 14);
    } else if ((word & 0xfe1f0000) == 0xd61f0000) {
        instruction->kind = to_register[word >> 21 & 15];
        instruction->is_indirect = instruction->kind == CODE_JUMP || instruction->kind == CODE_CALL;
    } else if (word < 0x10000 || (word & 0xffe0001f) == 0xd4200000 ||
               (word & 0xffe0001f) == 0xd4400000) { /* UDF, BRK, HLT */
        instruction->kind = CODE_STOP;
    }
    return true;
}
