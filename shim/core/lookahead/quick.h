/*
 * Quick forms: the few dozen shapes that most instructions of compiled code
 * have (whole registers of 4 or 8 bytes, plain addresses, everything known), done
 * inline by the interpreter's loop.  What a form does not cover at run time
 * (something unknown, memory that is not at hand) is left to the general way,
 * which computes the same.  quick_forms.h lists them.  Signal-safe.
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

/* The second operand of a form without memory in it. */
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

/* QUICK_COPY_ZERO and QUICK_COPY_SIGN. */
static inline bool quick_copy_widened(struct registers *registers,
                                      const struct operation *operation)
{
    uint64_t bits = registers->general[operation->source] & size_mask(operation->detail);

    if (registers->poison[operation->source])
        return false;
    if (operation->quick == QUICK_COPY_SIGN)
        bits = (uint64_t)sign_extend(bits, operation->detail);
    quick_write(registers, operation, bits);
    return true;
}

/* QUICK_LOAD and its widening forms: `size` bytes of memory, whose sign is extended or not. */
static inline __attribute__((always_inline)) bool
quick_load_register(struct interpreter *interpreter, const struct operation *operation,
                    unsigned size, bool is_signed)
{
    uint64_t bits;

    if (!quick_load_operand(interpreter, operation, size, &bits))
        return false;
    if (is_signed)
        bits = (uint64_t)sign_extend(bits, size);
    quick_write(interpreter->registers, operation, bits);
    return true;
}

static inline bool quick_store(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    uint64_t address;

    if (registers->poison[operation->source] || !quick_address(registers, operation, &address))
        return false;
    return memory_store(
        interpreter, address, operation->size,
        value_known(quick_source(registers, operation) & size_mask(operation->size)));
}

static inline bool quick_push(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;

    if (registers->poison[operation->source] | registers->poison[REGISTER_RSP])
        return false;
    if (!memory_store(interpreter, registers->general[REGISTER_RSP] - 8, 8,
                      value_known(quick_source(registers, operation))))
        return false;
    registers->general[REGISTER_RSP] -= 8;
    return true;
}

static inline bool quick_pop(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    uint64_t bits;

    if (registers->poison[REGISTER_RSP] ||
        !quick_load(interpreter, registers->general[REGISTER_RSP], 8, &bits))
        return false;
    registers->general[REGISTER_RSP] += 8;
    quick_write(registers, operation, bits);
    return true;
}

/* A register and memory: QUICK_ADD_MEMORY, QUICK_COMPARE_WITH_MEMORY. */
static inline bool quick_with_memory(struct interpreter *interpreter,
                                     const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    uint32_t flags = (uint32_t)registers->flags;
    uint64_t a, b;

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
}

/* Memory and a register or an immediate: QUICK_COMPARE_MEMORY, QUICK_TEST_MEMORY. */
static inline bool quick_of_memory(struct interpreter *interpreter,
                                   const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    uint32_t flags = (uint32_t)registers->flags;
    uint64_t a, b;

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
    uint64_t a, b;

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
        return quick_copy_widened(registers, operation);
    case QUICK_LOAD:
        return quick_load_register(interpreter, operation, operation->size, false);
    case QUICK_LOAD_ZERO:
        return quick_load_register(interpreter, operation, operation->detail, false);
    case QUICK_LOAD_SIGN:
        return quick_load_register(interpreter, operation, operation->detail, true);
    case QUICK_STORE:
        return quick_store(interpreter, operation);
    case QUICK_ADDRESS:
        if (!quick_address(registers, operation, &a))
            return false;
        quick_write(registers, operation, a);
        return true;
    case QUICK_ZERO:
        quick_write(registers, operation, 0);
        quick_flags(registers, operation, FLAG_ZF | FLAG_PF);
        return true;
    case QUICK_PUSH:
        return quick_push(interpreter, operation);
    case QUICK_POP:
        return quick_pop(interpreter, operation);
        QUICK_TWO(QUICK_ADD, arithmetic_add, true)
        QUICK_TWO(QUICK_SUBTRACT, arithmetic_subtract, true)
        QUICK_TWO(QUICK_AND, arithmetic_and, true)
        QUICK_TWO(QUICK_OR, arithmetic_or, true)
        QUICK_TWO(QUICK_EXCLUSIVE_OR, arithmetic_exclusive_or, true)
        QUICK_TWO(QUICK_COMPARE, arithmetic_subtract, false)
        QUICK_TWO(QUICK_TEST, arithmetic_and, false)
    case QUICK_ADD_MEMORY:
    case QUICK_COMPARE_WITH_MEMORY:
        return quick_with_memory(interpreter, operation);
    case QUICK_COMPARE_MEMORY:
    case QUICK_TEST_MEMORY:
        return quick_of_memory(interpreter, operation);
    default:
        return false;
    }
}

#endif
