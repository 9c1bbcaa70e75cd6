/*
 * Arithmetic done by the CPU itself, so that results and flags are right by
 * construction.  `size` is 1, 2, 4 or 8 bytes; operands above it are ignored and
 * results are zero there.  `flags` is RFLAGS after the instruction; which of its
 * bits mean anything, the operation says (flags_written).
 *
 * The asm pushes: compile with -mno-red-zone.  Signal-safe, no state.
 */
#ifndef SHIM_CORE_LOOKAHEAD_ARITHMETIC_H
#define SHIM_CORE_LOOKAHEAD_ARITHMETIC_H

#include <stdint.h>

#include "shim/core/lookahead/registers.h"

#define ARITHMETIC_CASE(bytes, type, before, instruction, suffix, letter, source)                  \
    case bytes: {                                                                                  \
        type result = (type)a;                                                                     \
        __asm__(before instruction suffix " " source "%" letter "0\n\tpushfq\n\tpopq %1"           \
                : "+q"(result), "=r"(after)                                                        \
                : "q"((type)b), "r"(*flags), "c"((uint8_t)b)                                       \
                : "cc");                                                                           \
        a = result;                                                                                \
        break;                                                                                     \
    }

#define ARITHMETIC_FUNCTION(name, before, instruction, source1, source2, source4, source8)         \
    static inline uint64_t name(unsigned size, uint64_t a, uint64_t b, uint32_t *flags)            \
    {                                                                                              \
        uint64_t after = 0;                                                                        \
        switch (size) {                                                                            \
            ARITHMETIC_CASE(1, uint8_t, before, instruction, "b", "b", source1)                    \
            ARITHMETIC_CASE(2, uint16_t, before, instruction, "w", "w", source2)                   \
            ARITHMETIC_CASE(4, uint32_t, before, instruction, "l", "k", source4)                   \
            ARITHMETIC_CASE(8, uint64_t, before, instruction, "q", "q", source8)                   \
        default:                                                                                   \
            break; /* there are no other sizes */                                                  \
        }                                                                                          \
        *flags = (uint32_t)after;                                                                  \
        return a;                                                                                  \
    }

#define ARITHMETIC_TWO(name, before, instruction)                                                  \
    ARITHMETIC_FUNCTION(name, before, instruction, "%b2, ", "%w2, ", "%k2, ", "%q2, ")
#define ARITHMETIC_SHIFT(name, instruction)                                                        \
    ARITHMETIC_FUNCTION(name, "", instruction, "%%cl, ", "%%cl, ", "%%cl, ", "%%cl, ")
#define ARITHMETIC_ONE(name, instruction) ARITHMETIC_FUNCTION(name, "", instruction, "", "", "", "")

#define WITH_CARRY "btl $0, %k3\n\t"

ARITHMETIC_TWO(arithmetic_add, "", "add")
ARITHMETIC_TWO(arithmetic_add_carry, WITH_CARRY, "adc")
ARITHMETIC_TWO(arithmetic_subtract, "", "sub")
ARITHMETIC_TWO(arithmetic_subtract_borrow, WITH_CARRY, "sbb")
ARITHMETIC_TWO(arithmetic_and, "", "and")
ARITHMETIC_TWO(arithmetic_or, "", "or")
ARITHMETIC_TWO(arithmetic_exclusive_or, "", "xor")
ARITHMETIC_SHIFT(arithmetic_shift_left, "shl")
ARITHMETIC_SHIFT(arithmetic_shift_right, "shr")
ARITHMETIC_SHIFT(arithmetic_shift_arithmetic, "sar")
ARITHMETIC_SHIFT(arithmetic_rotate_left, "rol")
ARITHMETIC_SHIFT(arithmetic_rotate_right, "ror")
ARITHMETIC_ONE(arithmetic_increment, "inc")
ARITHMETIC_ONE(arithmetic_decrement, "dec")
ARITHMETIC_ONE(arithmetic_negate, "neg")

/* imul with two operands; not for bytes. */
static inline uint64_t arithmetic_multiply(unsigned size, uint64_t a, uint64_t b, uint32_t *flags)
{
    uint64_t after = 0;
    switch (size) {
    case 2:
        __asm__("imulw %w2, %w0\n\tpushfq\n\tpopq %1" : "+r"(a), "=r"(after) : "r"(b) : "cc");
        break;
    case 4:
        __asm__("imull %k2, %k0\n\tpushfq\n\tpopq %1" : "+r"(a), "=r"(after) : "r"(b) : "cc");
        break;
    case 8:
        __asm__("imulq %2, %0\n\tpushfq\n\tpopq %1" : "+r"(a), "=r"(after) : "r"(b) : "cc");
        break;
    default:
        break; /* there are no other sizes */
    }
    *flags = (uint32_t)after;
    return a & size_mask(size);
}

/* shld and shrd, 4 or 8 bytes: bits of `fill` come in. */
static inline uint64_t arithmetic_shift_double(unsigned size, uint64_t a, uint64_t fill,
                                               uint8_t count, int right, uint32_t *flags)
{
    uint64_t after = 0;
    if (size == 8 && right)
        __asm__("shrdq %%cl, %2, %0\n\tpushfq\n\tpopq %1"
                : "+r"(a), "=r"(after)
                : "r"(fill), "c"(count)
                : "cc");
    else if (size == 8)
        __asm__("shldq %%cl, %2, %0\n\tpushfq\n\tpopq %1"
                : "+r"(a), "=r"(after)
                : "r"(fill), "c"(count)
                : "cc");
    else if (right)
        __asm__("shrdl %%cl, %k2, %k0\n\tpushfq\n\tpopq %1"
                : "+r"(a), "=r"(after)
                : "r"(fill), "c"(count)
                : "cc");
    else
        __asm__("shldl %%cl, %k2, %k0\n\tpushfq\n\tpopq %1"
                : "+r"(a), "=r"(after)
                : "r"(fill), "c"(count)
                : "cc");
    *flags = (uint32_t)after;
    return a & size_mask(size);
}

/*
 * Division of the double-width `high`:`low`.  Returns 0 where the CPU would
 * raise its divide error, else 1 with quotient and remainder.
 */
static inline int arithmetic_divide(unsigned size, uint64_t high, uint64_t low, uint64_t divisor,
                                    uint64_t *quotient, uint64_t *remainder)
{
    unsigned __int128 dividend = ((unsigned __int128)high << size * 8) | low;
    if (divisor == 0 || dividend / divisor > size_mask(size))
        return 0;
    *quotient = (uint64_t)(dividend / divisor);
    *remainder = (uint64_t)(dividend % divisor);
    return 1;
}

static inline int64_t sign_extend(uint64_t value, unsigned size)
{
    unsigned shift = 64 - size * 8;
    return (int64_t)(value << shift) >> shift;
}

static inline int arithmetic_divide_signed(unsigned size, uint64_t high, uint64_t low,
                                           uint64_t divisor, uint64_t *quotient,
                                           uint64_t *remainder)
{
    __int128 dividend =
        (__int128)(((unsigned __int128)(uint64_t)sign_extend(high, size) << (size * 8)) | low);
    __int128 by = sign_extend(divisor, size);
    __int128 result, limit = (__int128)1 << (size * 8 - 1);

    if (by == 0 || (by == -1 && dividend <= -limit))
        return 0;
    result = dividend / by;
    if (result >= limit || result < -limit)
        return 0;
    *quotient = (uint64_t)result & size_mask(size);
    *remainder = (uint64_t)(dividend % by) & size_mask(size);
    return 1;
}

#endif
