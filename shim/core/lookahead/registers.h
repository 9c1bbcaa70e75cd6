/*
 * The registers of a window.  Every byte of a general register and every flag
 * is either known or poison (unknown).  Signal-safe.
 */
#ifndef SHIM_CORE_LOOKAHEAD_REGISTERS_H
#define SHIM_CORE_LOOKAHEAD_REGISTERS_H

#include <stdint.h>

#include "shim/core/lookahead/vectors.h"

/* General registers by their number in machine code; the high bytes (ah, ch, dh, bh) follow. */
#define REGISTER_RAX 0
#define REGISTER_RCX 1
#define REGISTER_RDX 2
#define REGISTER_RBX 3
#define REGISTER_RSP 4
#define REGISTER_RBP 5
#define REGISTER_RSI 6
#define REGISTER_RDI 7
#define REGISTER_COUNT 16
#define REGISTER_HIGH 16 /* + number of the low register */
#define REGISTER_ZERO 16 /* as base or index of an address, or source of a quick form: always 0 */
#define REGISTER_NONE 0xff

#define FLAG_CF 0x001u
#define FLAG_PF 0x004u
#define FLAG_AF 0x010u
#define FLAG_ZF 0x040u
#define FLAG_SF 0x080u
#define FLAG_DF 0x400u
#define FLAG_OF 0x800u
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

struct registers {
    uint64_t general[REGISTER_COUNT + 1];
    uint8_t poison[REGISTER_COUNT + 1]; /* a bit a byte: its value is unknown */
    uint64_t instruction;               /* address of the next instruction */
    uint64_t flags;                     /* as in RFLAGS */
    uint32_t flags_poison;              /* flags whose value is unknown */
    uint64_t fs_base;
    struct vectors vectors;
};

/* A value of 1 to 8 bytes on its way; bytes above its size are 0 and not poison. */
struct value {
    uint64_t bits;
    uint8_t poison; /* a bit a byte */
};

/* All bytes of a value of `size` bytes, 1 to 8. */
static inline uint64_t size_mask(unsigned size)
{
    return UINT64_MAX >> (64 - size * 8);
}

static inline uint8_t size_poison(unsigned size)
{
    return (uint8_t)((1u << size) - 1);
}

#endif
