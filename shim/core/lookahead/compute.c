/* Data movement and arithmetic, one function a family of instructions. */
#include "shim/core/lookahead/arithmetic.h"
#include "shim/core/lookahead/interpreter.h"

/* Poison of a bitwise result: a byte that a known 0 masks out is known. */
static uint8_t and_poison(struct value a, struct value b, unsigned size)
{
    uint8_t poison = a.poison | b.poison;
    for (unsigned i = 0; i < size && poison; i++) {
        bool zero_a = !(a.poison >> i & 1) && (a.bits >> i * 8 & 0xff) == 0;
        bool zero_b = !(b.poison >> i & 1) && (b.bits >> i * 8 & 0xff) == 0;
        if (zero_a || zero_b)
            poison &= (uint8_t)~(1u << i);
    }
    return poison;
}

/* xor or sub of a register with itself: zero whatever it holds. */
static bool zeroes(const struct operation *operation)
{
    return !(operation->form & (FORM_HAS_MEMORY | FORM_SOURCE_IMMEDIATE)) &&
           operation->destination == operation->source &&
           (operation->code == OPERATION_EXCLUSIVE_OR || operation->code == OPERATION_SUBTRACT);
}

static uint64_t compute_two(unsigned code, unsigned size, uint64_t a, uint64_t b, uint32_t *flags)
{
    switch (code) {
    case OPERATION_ADD:
    case OPERATION_EXCHANGE_ADD:
        return arithmetic_add(size, a, b, flags);
    case OPERATION_ADD_CARRY:
        return arithmetic_add_carry(size, a, b, flags);
    case OPERATION_SUBTRACT:
    case OPERATION_COMPARE:
    case OPERATION_COMPARE_EXCHANGE:
        return arithmetic_subtract(size, a, b, flags);
    case OPERATION_SUBTRACT_BORROW:
        return arithmetic_subtract_borrow(size, a, b, flags);
    case OPERATION_AND:
    case OPERATION_TEST:
        return arithmetic_and(size, a, b, flags);
    case OPERATION_OR:
        return arithmetic_or(size, a, b, flags);
    default:
        return arithmetic_exclusive_or(size, a, b, flags);
    }
}

static bool interpret_two(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    unsigned size = operation->size, code = operation->code;
    uint32_t flags = registers->flags;
    struct value a, b, result;
    bool known, carries = code == OPERATION_ADD_CARRY || code == OPERATION_SUBTRACT_BORROW;

    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, size, &b))
        return false;
    if (zeroes(operation))
        a = b = value_known(0);
    known = a.poison == 0 && b.poison == 0 && !(carries && registers->flags_poison & FLAG_CF);
    result.bits = compute_two(code, size, a.bits, b.bits, &flags);
    if (known)
        result.poison = 0;
    else if (code == OPERATION_AND)
        result.poison = and_poison(a, b, size);
    else if (code == OPERATION_OR || code == OPERATION_EXCLUSIVE_OR)
        result.poison = a.poison | b.poison;
    else
        result.poison = size_poison(size);
    flags_after(registers, operation, flags, known);
    if (code == OPERATION_COMPARE || code == OPERATION_TEST)
        return true;
    return destination_store(interpreter, operation, result);
}

static bool interpret_move(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value;
    if (operation->detail) {
        value = value_known((uint64_t)operation->wide_immediate);
        register_write(interpreter->registers, operation->destination, 8, value);
        return true;
    }
    return source_load(interpreter, operation, operation->size, &value) &&
           destination_store(interpreter, operation, value);
}

static bool interpret_widen_move(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned from = operation->detail;
    struct value value;
    if (!source_load(interpreter, operation, from, &value))
        return false;
    if (operation->code == OPERATION_MOVE_SIGN) {
        value.bits = (uint64_t)sign_extend(value.bits, from) & size_mask(operation->size);
        if (value.poison >> (from - 1) & 1) /* the sign is unknown: so are all its copies */
            value.poison |= (uint8_t)(size_poison(operation->size) & ~size_poison(from));
    }
    return destination_store(interpreter, operation, value);
}

static bool interpret_exchange(struct interpreter *interpreter, const struct operation *operation)
{
    struct value a, b;
    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, operation->size, &b) ||
        !destination_store(interpreter, operation, b))
        return false;
    register_write(interpreter->registers, operation->source, operation->size, a);
    return true;
}

static bool interpret_exchange_add(struct interpreter *interpreter,
                                   const struct operation *operation)
{
    uint32_t flags = interpreter->registers->flags;
    struct value a, b, sum;
    bool known;

    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, operation->size, &b))
        return false;
    known = a.poison == 0 && b.poison == 0;
    sum.bits = arithmetic_add(operation->size, a.bits, b.bits, &flags);
    sum.poison = known ? 0 : size_poison(operation->size);
    register_write(interpreter->registers, operation->source, operation->size, a);
    flags_after(interpreter->registers, operation, flags, known);
    return destination_store(interpreter, operation, sum);
}

static bool interpret_compare_exchange(struct interpreter *interpreter,
                                       const struct operation *operation)
{
    unsigned size = operation->size;
    uint32_t flags = interpreter->registers->flags;
    struct value present, wanted,
        expected = register_read(interpreter->registers, REGISTER_RAX, size);
    bool known;

    if (!destination_load(interpreter, operation, &present) ||
        !source_load(interpreter, operation, size, &wanted))
        return false;
    known = present.poison == 0 && expected.poison == 0;
    arithmetic_subtract(size, expected.bits, present.bits, &flags);
    flags_after(interpreter->registers, operation, flags, known);
    if (!known) { /* either may have happened */
        register_write(interpreter->registers, REGISTER_RAX, size, value_unknown(size));
        return destination_store(interpreter, operation, value_unknown(size));
    }
    if (flags & FLAG_ZF)
        return destination_store(interpreter, operation, wanted);
    register_write(interpreter->registers, REGISTER_RAX, size, present);
    return true;
}

static bool interpret_multiply(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    uint32_t flags = interpreter->registers->flags;
    struct value a, b, result;
    bool known;

    if (operation->detail) {
        struct operation from = *operation; /* its immediate is the second factor */
        from.form &= (uint8_t)~FORM_SOURCE_IMMEDIATE;
        if (!source_load(interpreter, &from, size, &a))
            return false;
        b = value_known((uint64_t)(int64_t)operation->immediate & size_mask(size));
    } else if (!destination_load(interpreter, operation, &a) ||
               !source_load(interpreter, operation, size, &b)) {
        return false;
    }
    known = a.poison == 0 && b.poison == 0;
    result.bits = arithmetic_multiply(size, a.bits, b.bits, &flags);
    result.poison = known ? 0 : size_poison(size);
    flags_after(interpreter->registers, operation, flags, known);
    return destination_store(interpreter, operation, result);
}

/* The two halves of a double-width value: rdx:rax, or ah:al for bytes. */
static void wide_write(struct registers *registers, unsigned size, struct value low,
                       struct value high)
{
    register_write(registers, REGISTER_RAX, size, low);
    register_write(registers, size == 1 ? REGISTER_HIGH : REGISTER_RDX, size, high);
}

static bool interpret_multiply_wide(struct interpreter *interpreter,
                                    const struct operation *operation)
{
    unsigned size = operation->size;
    struct value a = register_read(interpreter->registers, REGISTER_RAX, size), b, low, high;
    unsigned __int128 product;
    uint64_t plain; /* the upper half that says: the lower half is all */

    if (!destination_load(interpreter, operation, &b))
        return false;
    if (operation->code == OPERATION_MULTIPLY_WIDE) {
        product = (unsigned __int128)a.bits * b.bits;
        plain = 0;
    } else {
        product =
            (unsigned __int128)((__int128)sign_extend(a.bits, size) * sign_extend(b.bits, size));
        plain = (uint64_t)product >> (size * 8 - 1) & 1 ? size_mask(size) : 0;
    }
    low = value_known((uint64_t)product & size_mask(size));
    high = value_known((uint64_t)(product >> size * 8) & size_mask(size));
    if (a.poison || b.poison)
        low = high = value_unknown(size);
    flags_after(interpreter->registers, operation, high.bits == plain ? 0 : FLAG_CF | FLAG_OF,
                low.poison == 0);
    wide_write(interpreter->registers, size, low, high);
    return true;
}

static bool interpret_divide(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    struct registers *registers = interpreter->registers;
    struct value low = register_read(registers, REGISTER_RAX, size);
    struct value high = register_read(registers, size == 1 ? REGISTER_HIGH : REGISTER_RDX, size);
    struct value by, quotient, remainder;
    int done;

    if (!destination_load(interpreter, operation, &by))
        return false;
    flags_poison(registers, operation->flags_undefined | operation->flags_written);
    if (low.poison || high.poison || by.poison) {
        wide_write(registers, size, value_unknown(size), value_unknown(size));
        return true;
    }
    quotient.poison = remainder.poison = 0;
    done =
        operation->code == OPERATION_DIVIDE
            ? arithmetic_divide(size, high.bits, low.bits, by.bits, &quotient.bits, &remainder.bits)
            : arithmetic_divide_signed(size, high.bits, low.bits, by.bits, &quotient.bits,
                                       &remainder.bits);
    if (!done)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_FAULT);
    wide_write(registers, size, quotient, remainder);
    return true;
}

static bool interpret_conditional_move(struct interpreter *interpreter,
                                       const struct operation *operation)
{
    int holds = condition_holds(interpreter->registers, operation->detail);
    struct value a, b;

    if (!destination_load(interpreter, operation, &a) ||
        !source_load(interpreter, operation, operation->size, &b))
        return false;
    if (holds < 0) {
        /* Either value: known only where both are the same. */
        b.poison =
            a.poison == 0 && b.poison == 0 && a.bits == b.bits ? 0 : size_poison(operation->size);
        return destination_store(interpreter, operation, b);
    }
    return destination_store(interpreter, operation, holds ? b : a);
}

static bool interpret_one(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    uint32_t flags = interpreter->registers->flags;
    struct value a;
    bool known;

    if (!destination_load(interpreter, operation, &a))
        return false;
    known = a.poison == 0;
    switch (operation->code) {
    case OPERATION_INCREMENT:
        a.bits = arithmetic_increment(size, a.bits, 0, &flags);
        break;
    case OPERATION_DECREMENT:
        a.bits = arithmetic_decrement(size, a.bits, 0, &flags);
        break;
    case OPERATION_NEGATE:
        a.bits = arithmetic_negate(size, a.bits, 0, &flags);
        break;
    case OPERATION_NOT:
        a.bits = ~a.bits & size_mask(size);
        return destination_store(interpreter, operation, a);
    default: /* OPERATION_SWAP_BYTES */
        a.bits = size == 8 ? __builtin_bswap64(a.bits) : __builtin_bswap32((uint32_t)a.bits);
    }
    if (!known)
        a.poison = size_poison(size);
    flags_after(interpreter->registers, operation, flags, known);
    return destination_store(interpreter, operation, a);
}

static bool interpret_set_condition(struct interpreter *interpreter,
                                    const struct operation *operation)
{
    int holds = condition_holds(interpreter->registers, operation->detail);
    return destination_store(interpreter, operation,
                             holds < 0 ? value_unknown(1) : value_known((uint64_t)holds));
}

static bool interpret_push(struct interpreter *interpreter, struct value value)
{
    struct registers *registers = interpreter->registers;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_store(interpreter, registers->general[REGISTER_RSP] - 8, 8, value))
        return false;
    registers->general[REGISTER_RSP] -= 8;
    return true;
}

static bool interpret_pop(struct interpreter *interpreter, struct value *value)
{
    struct registers *registers = interpreter->registers;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_load(interpreter, registers->general[REGISTER_RSP], 8, value))
        return false;
    registers->general[REGISTER_RSP] += 8;
    return true;
}

/* cbw, cwde, cdqe: size is the result's; the source is half of it. */
static void interpret_widen(struct registers *registers, unsigned size)
{
    struct value value = register_read(registers, REGISTER_RAX, size / 2);
    value.bits = (uint64_t)sign_extend(value.bits, size / 2) & size_mask(size);
    if (value.poison >> (size / 2 - 1) & 1)
        value.poison = size_poison(size);
    register_write(registers, REGISTER_RAX, size, value);
}

/* cwd, cdq, cqo. */
static void interpret_sign_split(struct registers *registers, unsigned size)
{
    struct value value = register_read(registers, REGISTER_RAX, size);
    bool unknown = value.poison >> (size - 1) & 1;
    value.bits = sign_extend(value.bits, size) < 0 ? size_mask(size) : 0;
    value.poison = unknown ? size_poison(size) : 0;
    register_write(registers, REGISTER_RDX, size, value);
}

/* OPERATION_MOVE to OPERATION_CONDITIONAL_MOVE: a destination and a source. */
static bool interpret_of_two(struct interpreter *interpreter, const struct operation *operation)
{
    switch (operation->code) {
    case OPERATION_MOVE:
        return interpret_move(interpreter, operation);
    case OPERATION_MOVE_ZERO:
    case OPERATION_MOVE_SIGN:
        return interpret_widen_move(interpreter, operation);
    case OPERATION_EXCHANGE:
        return interpret_exchange(interpreter, operation);
    case OPERATION_EXCHANGE_ADD:
        return interpret_exchange_add(interpreter, operation);
    case OPERATION_COMPARE_EXCHANGE:
        return interpret_compare_exchange(interpreter, operation);
    case OPERATION_MULTIPLY:
        return interpret_multiply(interpreter, operation);
    case OPERATION_BIT_TEST:
    case OPERATION_BIT_SET:
    case OPERATION_BIT_RESET:
    case OPERATION_BIT_COMPLEMENT:
        return interpret_bit(interpreter, operation);
    case OPERATION_SCAN_FORWARD:
    case OPERATION_SCAN_REVERSE:
    case OPERATION_TRAILING_ZEROS:
    case OPERATION_LEADING_ZEROS:
    case OPERATION_POPULATION_COUNT:
        return interpret_count_bits(interpreter, operation);
    case OPERATION_SHIFT_LEFT:
    case OPERATION_SHIFT_RIGHT:
    case OPERATION_SHIFT_ARITHMETIC:
    case OPERATION_ROTATE_LEFT:
    case OPERATION_ROTATE_RIGHT:
        return interpret_shift(interpreter, operation);
    case OPERATION_SHIFT_LEFT_DOUBLE:
    case OPERATION_SHIFT_RIGHT_DOUBLE:
        return interpret_double_shift(interpreter, operation);
    case OPERATION_CONDITIONAL_MOVE:
        return interpret_conditional_move(interpreter, operation);
    default: /* OPERATION_ADD to OPERATION_TEST */
        return interpret_two(interpreter, operation);
    }
}

static void interpret_address(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value = {0, 0};
    bool known;

    value.bits =
        operand_address(interpreter->registers, operation, &known) & size_mask(operation->size);
    value.poison = known ? 0 : size_poison(operation->size);
    register_write(interpreter->registers, operation->destination, operation->size, value);
}

/* Pops 8 bytes into a register. */
static bool interpret_pop_to(struct interpreter *interpreter, unsigned number)
{
    struct value value = {0, 0};

    if (!interpret_pop(interpreter, &value))
        return false;
    register_write(interpreter->registers, number, 8, value);
    return true;
}

/* OPERATION_ADDRESS to OPERATION_DIVIDE_SIGNED. */
static bool interpret_of_one(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value = {0, 0};

    switch (operation->code) {
    case OPERATION_ADDRESS:
        interpret_address(interpreter, operation);
        return true;
    case OPERATION_SET_CONDITION:
        return interpret_set_condition(interpreter, operation);
    case OPERATION_PUSH:
        return source_load(interpreter, operation, 8, &value) && interpret_push(interpreter, value);
    case OPERATION_POP:
        return interpret_pop_to(interpreter, operation->destination);
    case OPERATION_MULTIPLY_WIDE:
    case OPERATION_MULTIPLY_WIDE_SIGNED:
        return interpret_multiply_wide(interpreter, operation);
    case OPERATION_DIVIDE:
    case OPERATION_DIVIDE_SIGNED:
        return interpret_divide(interpreter, operation);
    default: /* OPERATION_INCREMENT to OPERATION_NOT, OPERATION_SWAP_BYTES */
        return interpret_one(interpreter, operation);
    }
}

static bool interpret_push_flags(struct interpreter *interpreter)
{
    struct value value = value_known(interpreter->registers->flags | 2);

    if (interpreter->registers->flags_poison)
        value.poison = 3;
    return interpret_push(interpreter, value);
}

bool interpret_compute(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;

    if (operation->code <= OPERATION_CONDITIONAL_MOVE)
        return interpret_of_two(interpreter, operation);
    if (operation->code <= OPERATION_DIVIDE_SIGNED)
        return interpret_of_one(interpreter, operation);
    switch (operation->code) {
    case OPERATION_NOTHING:
        return true;
    case OPERATION_LEAVE:
        registers->general[REGISTER_RSP] = registers->general[REGISTER_RBP];
        registers->poison[REGISTER_RSP] = registers->poison[REGISTER_RBP];
        return interpret_pop_to(interpreter, REGISTER_RBP);
    case OPERATION_WIDEN:
        interpret_widen(registers, operation->size);
        return true;
    case OPERATION_SIGN_SPLIT:
        interpret_sign_split(registers, operation->size);
        return true;
    case OPERATION_FLAGS:
        flags_set(registers, (uint32_t)operation->immediate >> 16, 0);
        flags_set(registers, (uint32_t)operation->immediate & 0xffff, UINT32_MAX);
        return true;
    case OPERATION_COMPLEMENT_CARRY:
        registers->flags ^= FLAG_CF;
        return true;
    case OPERATION_PUSH_FLAGS:
        return interpret_push_flags(interpreter);
    case OPERATION_THUNK:
        return interpret_thunk(interpreter, operation);
    case OPERATION_POISON:
        return interpret_poison(interpreter, operation);
    default:
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
    }
}
