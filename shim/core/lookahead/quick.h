/*
 * Quick forms: the few dozen shapes that most instructions of compiled code
 * have (whole registers of 4 or 8 bytes, plain addresses, everything known), done
 * inline by the interpreter's loop.  What a form does not cover at run time
 * (something unknown, memory that is not at hand) is left to the general way,
 * which computes the same.  quick_forms.h lists them.
 *
 * Branches are few on purpose: a window runs through code that the CPU has not
 * seen the interpreter run before, and most of them are mispredicted.
 */
#ifndef SHIM_CORE_LOOKAHEAD_QUICK_H
#define SHIM_CORE_LOOKAHEAD_QUICK_H

#include <string.h>

#include "shim/core/lookahead/arithmetic.h"
#include "shim/core/lookahead/interpreter.h"
#include "shim/core/lookahead/quick_forms.h"

static inline bool quick_load(const struct interpreter *interpreter, uint64_t address,
                              unsigned size, uint64_t *bits)
{
    const uint8_t *bytes = lines_peek(interpreter->lines, address, size);
    struct value value;

    if (bytes) {
        memcpy(bits, bytes, sizeof(*bits));
        *bits &= size_mask(size);
        return true;
    }
    if (lines_load(interpreter->lines, address, size, &value) != LINES_DONE || value.poison)
        return false;
    *bits = value.bits;
    return true;
}

/* False where the address is unknown. */
static inline bool quick_address(const struct registers *registers,
                                 const struct operation *operation, uint64_t *address)
{
    *address = operand_address_plain(registers, operation);
    return operand_address_poison(registers, operation) == 0;
}

static inline bool quick_load_operand(const struct interpreter *interpreter,
                                      const struct operation *operation, unsigned size,
                                      uint64_t *bits)
{
    uint64_t address;
    return quick_address(interpreter->registers, operation, &address) &&
           quick_load(interpreter, address, size, bits);
}

static inline void quick_write(struct registers *registers, const struct operation *operation,
                               uint64_t bits)
{
    registers->general[operation->destination] = bits & size_mask(operation->size);
    registers->poison[operation->destination] = 0;
}

/* The second operand, where there is no memory in it. */
static inline uint64_t quick_source(const struct registers *registers,
                                    const struct operation *operation)
{
    return registers->general[operation->source] + (uint64_t)(int64_t)operation->immediate;
}

static inline void quick_flags(struct registers *registers, const struct operation *operation,
                               uint32_t flags)
{
    registers->flags = (registers->flags & ~(uint64_t)operation->flags_written) |
                       (flags & operation->flags_written);
    registers->flags_poison &= ~(uint32_t)operation->flags_written;
    registers->flags_poison |= operation->flags_undefined;
}

/* Both operands of an operation on a register; false where one is unknown. */
static inline bool quick_operands(const struct registers *registers,
                                  const struct operation *operation, uint64_t *a, uint64_t *b)
{
    *a = registers->general[operation->destination];
    *b = quick_source(registers, operation);
    return (registers->poison[operation->destination] | registers->poison[operation->source]) == 0;
}

#define QUICK_TWO(form, function, keeps)                                                           \
    case form:                                                                                     \
        if (!quick_operands(registers, operation, &a, &b))                                         \
            return false;                                                                          \
        a = function(operation->size, a, b, &flags);                                               \
        quick_flags(registers, operation, flags);                                                  \
        if (keeps)                                                                                 \
            quick_write(registers, operation, a);                                                  \
        return true;

/* Does a straight-line operation of a quick form.  False: nothing is done, take the general way. */
static inline bool interpret_quick(struct interpreter *interpreter,
                                   const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    uint32_t flags = (uint32_t)registers->flags;
    uint64_t a, b, address;

    switch ((enum quick)operation->quick) {
    case QUICK_NOTHING:
        return true;
    case QUICK_COPY:
        if (registers->poison[operation->source])
            return false;
        quick_write(registers, operation, quick_source(registers, operation));
        return true;
    case QUICK_COPY_ZERO:
    case QUICK_COPY_SIGN:
        if (registers->poison[operation->source])
            return false;
        a = registers->general[operation->source] & size_mask(operation->detail);
        if (operation->quick == QUICK_COPY_SIGN)
            a = (uint64_t)sign_extend(a, operation->detail);
        quick_write(registers, operation, a);
        return true;
    case QUICK_LOAD:
        if (!quick_load_operand(interpreter, operation, operation->size, &a))
            return false;
        quick_write(registers, operation, a);
        return true;
    case QUICK_LOAD_ZERO:
        if (!quick_load_operand(interpreter, operation, operation->detail, &a))
            return false;
        quick_write(registers, operation, a);
        return true;
    case QUICK_LOAD_SIGN:
        if (!quick_load_operand(interpreter, operation, operation->detail, &a))
            return false;
        quick_write(registers, operation, (uint64_t)sign_extend(a, operation->detail));
        return true;
    case QUICK_STORE:
        if (registers->poison[operation->source] || !quick_address(registers, operation, &address))
            return false;
        return memory_store(
            interpreter, address, operation->size,
            value_known(quick_source(registers, operation) & size_mask(operation->size)));
    case QUICK_ADDRESS:
        if (!quick_address(registers, operation, &address))
            return false;
        quick_write(registers, operation, address);
        return true;
    case QUICK_ZERO:
        quick_write(registers, operation, 0);
        quick_flags(registers, operation, FLAG_ZF | FLAG_PF);
        return true;
    case QUICK_PUSH:
        if (registers->poison[operation->source] | registers->poison[REGISTER_RSP])
            return false;
        if (!memory_store(interpreter, registers->general[REGISTER_RSP] - 8, 8,
                          value_known(quick_source(registers, operation))))
            return false;
        registers->general[REGISTER_RSP] -= 8;
        return true;
    case QUICK_POP:
        if (registers->poison[REGISTER_RSP] ||
            !quick_load(interpreter, registers->general[REGISTER_RSP], 8, &a))
            return false;
        registers->general[REGISTER_RSP] += 8;
        quick_write(registers, operation, a);
        return true;
        QUICK_TWO(QUICK_ADD, arithmetic_add, true)
        QUICK_TWO(QUICK_SUBTRACT, arithmetic_subtract, true)
        QUICK_TWO(QUICK_AND, arithmetic_and, true)
        QUICK_TWO(QUICK_OR, arithmetic_or, true)
        QUICK_TWO(QUICK_EXCLUSIVE_OR, arithmetic_exclusive_or, true)
        QUICK_TWO(QUICK_COMPARE, arithmetic_subtract, false)
        QUICK_TWO(QUICK_TEST, arithmetic_and, false)
    case QUICK_ADD_MEMORY:
    case QUICK_COMPARE_WITH_MEMORY:
        if (registers->poison[operation->destination] ||
            !quick_load_operand(interpreter, operation, operation->size, &b))
            return false;
        a = registers->general[operation->destination];
        if (operation->quick == QUICK_ADD_MEMORY)
            quick_write(registers, operation, arithmetic_add(operation->size, a, b, &flags));
        else
            arithmetic_subtract(operation->size, a, b, &flags);
        quick_flags(registers, operation, flags);
        return true;
    case QUICK_COMPARE_MEMORY:
    case QUICK_TEST_MEMORY:
        if (registers->poison[operation->source] ||
            !quick_load_operand(interpreter, operation, operation->size, &a))
            return false;
        b = quick_source(registers, operation);
        if (operation->quick == QUICK_COMPARE_MEMORY)
            arithmetic_subtract(operation->size, a, b, &flags);
        else
            arithmetic_and(operation->size, a, b, &flags);
        quick_flags(registers, operation, flags);
        return true;
    default:
        return false;
    }
}

#endif
