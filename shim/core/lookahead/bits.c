/* Single bits, shifts and rotations, and what counts bits. */
#include "shim/core/lookahead/arithmetic.h"
#include "shim/core/lookahead/interpreter.h"

bool interpret_bit(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    struct value a, number;
    uint64_t bit;
    bool known;

    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, size, &number))
        return false;
    known = a.poison == 0 && number.poison == 0;
    bit = UINT64_C(1) << (number.bits & (size * 8 - 1));
    flags_after(interpreter->registers, operation, a.bits & bit ? FLAG_CF : 0, known);
    if (operation->code == OPERATION_BIT_TEST)
        return true;
    if (operation->code == OPERATION_BIT_SET)
        a.bits |= bit;
    else if (operation->code == OPERATION_BIT_RESET)
        a.bits &= ~bit;
    else
        a.bits ^= bit;
    a.poison = known ? 0 : size_poison(size);
    return destination_store(interpreter, operation, a);
}

/* bsf, bsr, tzcnt, lzcnt, popcnt. */
bool interpret_count_bits(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size, width = size * 8;
    struct value source, result = {0, 0};
    uint32_t flags;

    if (!source_load(interpreter, operation, size, &source))
        return false;
    flags = source.bits ? 0 : FLAG_ZF;
    switch (operation->code) {
    case OPERATION_SCAN_FORWARD:
    case OPERATION_SCAN_REVERSE:
        if (source.bits == 0 && source.poison == 0) { /* the destination is undefined, all of it */
            flags_after(interpreter->registers, operation, flags, true);
            interpreter->registers->poison[operation->destination] = 0xff;
            return true;
        }
        if (source.bits)
            result.bits = (uint64_t)(operation->code == OPERATION_SCAN_FORWARD
                                         ? __builtin_ctzll(source.bits)
                                         : 63 - __builtin_clzll(source.bits));
        break;
    case OPERATION_TRAILING_ZEROS:
        result.bits = source.bits ? (uint64_t)__builtin_ctzll(source.bits) : width;
        flags = (source.bits ? 0 : FLAG_CF) | (result.bits ? 0 : FLAG_ZF);
        break;
    case OPERATION_LEADING_ZEROS:
        result.bits = source.bits ? (uint64_t)__builtin_clzll(source.bits) - (64 - width) : width;
        flags = (source.bits ? 0 : FLAG_CF) | (result.bits ? 0 : FLAG_ZF);
        break;
    default:
        for (uint64_t bits = source.bits; bits; bits &= bits - 1)
            result.bits++;
    }
    if (source.poison)
        result = value_unknown(size);
    flags_after(interpreter->registers, operation, flags, source.poison == 0);
    return destination_store(interpreter, operation, result);
}

static uint64_t compute_shift(unsigned code, unsigned size, uint64_t a, uint64_t count,
                              uint32_t *flags)
{
    switch (code) {
    case OPERATION_SHIFT_LEFT:
        return arithmetic_shift_left(size, a, count, flags);
    case OPERATION_SHIFT_RIGHT:
        return arithmetic_shift_right(size, a, count, flags);
    case OPERATION_SHIFT_ARITHMETIC:
        return arithmetic_shift_arithmetic(size, a, count, flags);
    case OPERATION_ROTATE_LEFT:
        return arithmetic_rotate_left(size, a, count, flags);
    default:
        return arithmetic_rotate_right(size, a, count, flags);
    }
}

/* Flags after a shift: none changes for a count of 0; some are undefined for others. */
static void shift_flags(struct registers *registers, const struct operation *operation,
                        uint64_t count, uint32_t flags, bool known)
{
    flags_after(registers, operation, flags, known);
    if (known) {
        registers->flags_poison &= ~(operation->flags_undefined & FLAG_OF);
        flags_set(registers, operation->flags_undefined & FLAG_OF, flags);
    }
    if (count != 1)
        flags_poison(registers, FLAG_OF);
    if (count >= operation->size * 8u)
        flags_poison(registers, FLAG_CF);
}

bool interpret_shift(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    uint32_t flags = interpreter->registers->flags;
    struct value a, count;
    bool known;

    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, 1, &count))
        return false;
    count.bits &= size == 8 ? 63 : 31;
    known = a.poison == 0 && count.poison == 0;
    if (count.poison == 0 && count.bits == 0)
        return destination_store(interpreter, operation,
                                 a); /* clears the upper half all the same */
    a.bits = compute_shift(operation->code, size, a.bits, count.bits, &flags);
    a.poison = known ? 0 : size_poison(size);
    shift_flags(interpreter->registers, operation, count.bits, flags, known);
    if (!known)
        flags_poison(interpreter->registers, operation->flags_undefined);
    return destination_store(interpreter, operation, a);
}

bool interpret_double_shift(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    uint32_t flags = interpreter->registers->flags;
    struct value a, fill, count = value_known((uint64_t)operation->immediate);
    bool known;

    if (operation->detail != REGISTER_NONE)
        count = register_read(interpreter->registers, operation->detail, 1);
    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, size, &fill))
        return false;
    count.bits &= size == 8 ? 63 : 31;
    known = a.poison == 0 && fill.poison == 0 && count.poison == 0;
    if (count.poison == 0 && count.bits == 0)
        return destination_store(interpreter, operation, a);
    a.bits = arithmetic_shift_double(size, a.bits, fill.bits, (uint8_t)count.bits,
                                     operation->code == OPERATION_SHIFT_RIGHT_DOUBLE, &flags);
    a.poison = known ? 0 : size_poison(size);
    shift_flags(interpreter->registers, operation, count.bits, flags, known);
    return destination_store(interpreter, operation, a);
}
