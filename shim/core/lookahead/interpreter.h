/*
 * What the interpreter's files share: access to registers and memory by operand.
 *
 * A function that returns false has set `interpreter->stop`.  All are signal-safe.
 */
#ifndef SHIM_CORE_LOOKAHEAD_INTERPRETER_H
#define SHIM_CORE_LOOKAHEAD_INTERPRETER_H

#include <stdbool.h>

#include "pgoshim/raw.h"
#include "shim/core/lookahead/lines.h"
#include "shim/core/lookahead/operation.h"
#include "shim/core/lookahead/registers.h"

struct interpreter {
    struct registers *registers;
    struct memory_lines *lines;
    enum pgoraw_counter stop;
};

static inline struct value value_known(uint64_t bits)
{
    return (struct value){bits, 0};
}

static inline struct value value_unknown(unsigned size)
{
    return (struct value){0, size_poison(size)};
}

static inline struct value register_read(const struct registers *registers, unsigned number,
                                         unsigned size)
{
    struct value value;
    if (number >= REGISTER_HIGH) {
        value.bits = registers->general[number - REGISTER_HIGH] >> 8 & 0xff;
        value.poison = registers->poison[number - REGISTER_HIGH] >> 1 & 1;
    } else {
        value.bits = registers->general[number] & size_mask(size);
        value.poison = registers->poison[number] & size_poison(size);
    }
    return value;
}

/* As the CPU does: 4 bytes clear the upper half, 1 and 2 keep the rest. */
static inline void register_write(struct registers *registers, unsigned number, unsigned size,
                                  struct value value)
{
    if (number >= REGISTER_HIGH) {
        number -= REGISTER_HIGH;
        registers->general[number] =
            (registers->general[number] & ~UINT64_C(0xff00)) | (value.bits & 0xff) << 8;
        registers->poison[number] =
            (uint8_t)((registers->poison[number] & ~2u) | (value.poison & 1u) << 1);
    } else if (size >= 4) {
        registers->general[number] = value.bits & size_mask(size);
        registers->poison[number] = value.poison & size_poison(size);
    } else {
        uint64_t mask = size_mask(size);
        registers->general[number] = (registers->general[number] & ~mask) | (value.bits & mask);
        registers->poison[number] = (uint8_t)((registers->poison[number] & ~size_poison(size)) |
                                              (value.poison & size_poison(size)));
    }
}

static inline void flags_set(struct registers *registers, uint32_t which, uint32_t flags)
{
    registers->flags = (registers->flags & ~which) | (flags & which);
    registers->flags_poison &= ~which;
}

static inline void flags_poison(struct registers *registers, uint32_t which)
{
    registers->flags_poison |= which;
}

/* Flags after an operation: the computed ones, or all unknown where an operand was. */
static inline void flags_after(struct registers *registers, const struct operation *operation,
                               uint32_t flags, bool known)
{
    if (known)
        flags_set(registers, operation->flags_written, flags);
    else
        flags_poison(registers, operation->flags_written);
    flags_poison(registers, operation->flags_undefined);
}

/* Ends the window for this reason.  Always false. */
bool interpreter_stop(struct interpreter *interpreter, enum pgoraw_counter stop);

/* Address of a memory operand without segment and address size, and whether it is unknown. */
static inline uint64_t operand_address_plain(const struct registers *registers,
                                             const struct operation *operation)
{
    return (uint64_t)operation->displacement + registers->general[operation->base] +
           (registers->general[operation->index] << operation->scale);
}

static inline uint8_t operand_address_poison(const struct registers *registers,
                                             const struct operation *operation)
{
    return registers->poison[operation->base] | registers->poison[operation->index];
}

/* Address of the memory operand; *known is false where it depends on poison. */
uint64_t operand_address(const struct registers *registers, const struct operation *operation,
                         bool *known);

/* Loads or stores `size` bytes, 1 to 8, at an address of the application, as the window sees it. */
bool memory_load(struct interpreter *interpreter, uint64_t address, unsigned size,
                 struct value *value);
bool memory_store(struct interpreter *interpreter, uint64_t address, unsigned size,
                  struct value value);

/* Loads the source (`size` bytes of it) or the destination of an operation, or stores the latter.
 */
bool source_load(struct interpreter *interpreter, const struct operation *operation, unsigned size,
                 struct value *value);
bool destination_load(struct interpreter *interpreter, const struct operation *operation,
                      struct value *value);
bool destination_store(struct interpreter *interpreter, const struct operation *operation,
                       struct value value);

/*
 * Whether the condition (low 4 bits of the opcode) holds: 1, 0, or -1 where it is
 * unknown.  By table, since the CPU cannot foresee which condition comes next.
 */
static inline int condition_holds(const struct registers *registers, unsigned condition)
{
    /* A bit for each of the 32 combinations of OF SF ZF PF CF, in that order. */
    static const uint32_t holds[8] = {
        0xffff0000, 0xaaaaaaaa, 0xf0f0f0f0, 0xfafafafa,
        0xff00ff00, 0xcccccccc, 0x00ffff00, 0xf0fffff0,
    };
    static const uint32_t tested[8] = {
        FLAG_OF, FLAG_CF, FLAG_ZF,           FLAG_CF | FLAG_ZF,
        FLAG_SF, FLAG_PF, FLAG_SF | FLAG_OF, FLAG_SF | FLAG_OF | FLAG_ZF,
    };
    uint32_t flags = (uint32_t)registers->flags;
    uint32_t combination = (flags & FLAG_CF) | (flags & FLAG_PF) >> 1 | (flags & FLAG_ZF) >> 4 |
                           (flags & FLAG_SF) >> 4 | (flags & FLAG_OF) >> 7;

    if (registers->flags_poison & tested[condition >> 1])
        return -1;
    return (int)((holds[condition >> 1] >> combination ^ condition) & 1);
}

/* compute.c: everything before OPERATION_STRING_MOVE. */
bool interpret_compute(struct interpreter *interpreter, const struct operation *operation);

/* bits.c: bt and its kin; bsf, bsr, tzcnt, lzcnt, popcnt; shifts and rotations; shld, shrd. */
bool interpret_bit(struct interpreter *interpreter, const struct operation *operation);
bool interpret_count_bits(struct interpreter *interpreter, const struct operation *operation);
bool interpret_shift(struct interpreter *interpreter, const struct operation *operation);
bool interpret_double_shift(struct interpreter *interpreter, const struct operation *operation);

/* uninterpreted.c: instructions that the CPU does for us, and those that nobody does. */
bool interpret_thunk(struct interpreter *interpreter, const struct operation *operation);
bool interpret_poison(struct interpreter *interpreter, const struct operation *operation);

/* strings.c: movs, stos, lods, scas, cmps with their repeat prefixes. */
bool interpret_string(struct interpreter *interpreter, const struct operation *operation);

#endif
