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

static bool interpret_push_value(struct interpreter *interpreter, struct value value)
{
    struct registers *registers = interpreter->registers;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_store(interpreter, registers->general[REGISTER_RSP] - 8, 8, value))
        return false;
    registers->general[REGISTER_RSP] -= 8;
    return true;
}

static bool interpret_pop_value(struct interpreter *interpreter, struct value *value)
{
    struct registers *registers = interpreter->registers;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_load(interpreter, registers->general[REGISTER_RSP], 8, value))
        return false;
    registers->general[REGISTER_RSP] += 8;
    return true;
}

/* Pops 8 bytes into a register. */
static bool interpret_pop_to(struct interpreter *interpreter, unsigned number)
{
    struct value value = {0, 0};

    if (!interpret_pop_value(interpreter, &value))
        return false;
    register_write(interpreter->registers, number, 8, value);
    return true;
}

static bool interpret_push(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value = {0, 0};

    return source_load(interpreter, operation, 8, &value) &&
           interpret_push_value(interpreter, value);
}

static bool interpret_pop(struct interpreter *interpreter, const struct operation *operation)
{
    return interpret_pop_to(interpreter, operation->destination);
}

static bool interpret_leave(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;

    (void)operation;
    registers->general[REGISTER_RSP] = registers->general[REGISTER_RBP];
    registers->poison[REGISTER_RSP] = registers->poison[REGISTER_RBP];
    return interpret_pop_to(interpreter, REGISTER_RBP);
}

static bool interpret_address(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value = {0, 0};
    bool known;

    value.bits =
        operand_address(interpreter->registers, operation, &known) & size_mask(operation->size);
    value.poison = known ? 0 : size_poison(operation->size);
    register_write(interpreter->registers, operation->destination, operation->size, value);
    return true;
}

/* cbw, cwde, cdqe: size is the result's; the source is half of it. */
static bool interpret_widen(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    struct value value = register_read(interpreter->registers, REGISTER_RAX, size / 2);

    value.bits = (uint64_t)sign_extend(value.bits, size / 2) & size_mask(size);
    if (value.poison >> (size / 2 - 1) & 1)
        value.poison = size_poison(size);
    register_write(interpreter->registers, REGISTER_RAX, size, value);
    return true;
}

/* cwd, cdq, cqo. */
static bool interpret_sign_split(struct interpreter *interpreter, const struct operation *operation)
{
    unsigned size = operation->size;
    struct value value = register_read(interpreter->registers, REGISTER_RAX, size);
    bool unknown = value.poison >> (size - 1) & 1;

    value.bits = sign_extend(value.bits, size) < 0 ? size_mask(size) : 0;
    value.poison = unknown ? size_poison(size) : 0;
    register_write(interpreter->registers, REGISTER_RDX, size, value);
    return true;
}

static bool interpret_nothing(struct interpreter *interpreter, const struct operation *operation)
{
    (void)interpreter;
    (void)operation;
    return true;
}

static bool interpret_flags(struct interpreter *interpreter, const struct operation *operation)
{
    flags_set(interpreter->registers, (uint32_t)operation->immediate >> 16, 0);
    flags_set(interpreter->registers, (uint32_t)operation->immediate & 0xffff, UINT32_MAX);
    return true;
}

static bool interpret_complement_carry(struct interpreter *interpreter,
                                       const struct operation *operation)
{
    (void)operation;
    interpreter->registers->flags ^= FLAG_CF;
    return true;
}

static bool interpret_push_flags(struct interpreter *interpreter, const struct operation *operation)
{
    struct value value = value_known(interpreter->registers->flags | 2);

    (void)operation;
    if (interpreter->registers->flags_poison)
        value.poison = 3;
    return interpret_push_value(interpreter, value);
}

static bool interpret_unsupported(struct interpreter *interpreter,
                                  const struct operation *operation)
{
    (void)operation;
    return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
}

bool interpret_compute(struct interpreter *interpreter, const struct operation *operation)
{
    typedef bool computation(struct interpreter *, const struct operation *);
    static computation *const computations[OPERATION_STRING_MOVE] = {
        [OPERATION_INVALID... OPERATION_VERIFY] = interpret_unsupported,
        [OPERATION_MOVE] = interpret_move,
        [OPERATION_MOVE_ZERO] = interpret_widen_move,
        [OPERATION_MOVE_SIGN] = interpret_widen_move,
        [OPERATION_ADD... OPERATION_TEST] = interpret_two,
        [OPERATION_EXCHANGE] = interpret_exchange,
        [OPERATION_EXCHANGE_ADD] = interpret_exchange_add,
        [OPERATION_COMPARE_EXCHANGE] = interpret_compare_exchange,
        [OPERATION_MULTIPLY] = interpret_multiply,
        [OPERATION_BIT_TEST... OPERATION_BIT_COMPLEMENT] = interpret_bit,
        [OPERATION_SCAN_FORWARD... OPERATION_POPULATION_COUNT] = interpret_count_bits,
        [OPERATION_SHIFT_LEFT... OPERATION_ROTATE_RIGHT] = interpret_shift,
        [OPERATION_SHIFT_LEFT_DOUBLE... OPERATION_SHIFT_RIGHT_DOUBLE] = interpret_double_shift,
        [OPERATION_CONDITIONAL_MOVE] = interpret_conditional_move,
        [OPERATION_ADDRESS] = interpret_address,
        [OPERATION_INCREMENT... OPERATION_NOT] = interpret_one,
        [OPERATION_SET_CONDITION] = interpret_set_condition,
        [OPERATION_SWAP_BYTES] = interpret_one,
        [OPERATION_PUSH] = interpret_push,
        [OPERATION_POP] = interpret_pop,
        [OPERATION_MULTIPLY_WIDE... OPERATION_MULTIPLY_WIDE_SIGNED] = interpret_multiply_wide,
        [OPERATION_DIVIDE... OPERATION_DIVIDE_SIGNED] = interpret_divide,
        [OPERATION_NOTHING] = interpret_nothing,
        [OPERATION_LEAVE] = interpret_leave,
        [OPERATION_WIDEN] = interpret_widen,
        [OPERATION_SIGN_SPLIT] = interpret_sign_split,
        [OPERATION_FLAGS] = interpret_flags,
        [OPERATION_COMPLEMENT_CARRY] = interpret_complement_carry,
        [OPERATION_PUSH_FLAGS] = interpret_push_flags,
        [OPERATION_THUNK] = interpret_thunk,
        [OPERATION_POISON] = interpret_poison,
    };
    return computations[operation->code](interpreter, operation);
}
