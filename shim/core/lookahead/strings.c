/* String instructions.  A repeat runs element by element, up to a bound. */
#include "shim/core/lookahead/arithmetic.h"
#include "shim/core/lookahead/interpreter.h"

#define MOST_ELEMENTS 4096

static bool string_store(struct interpreter *interpreter, unsigned size, struct value value)
{
    return memory_store(interpreter, interpreter->registers->general[REGISTER_RDI], size, value);
}

static bool string_load(struct interpreter *interpreter, unsigned size, struct value *value)
{
    return memory_load(interpreter, interpreter->registers->general[REGISTER_RSI], size, value);
}

static void compare(struct interpreter *interpreter, const struct operation *operation,
                    struct value a, struct value b)
{
    uint32_t flags = interpreter->registers->flags;
    arithmetic_subtract(operation->size, a.bits, b.bits, &flags);
    flags_after(interpreter->registers, operation, flags, a.poison == 0 && b.poison == 0);
}

/* One element. */
static bool string_step(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    unsigned size = operation->size;
    uint64_t step = registers->flags & FLAG_DF ? -(uint64_t)size : size;
    struct value a, b;

    switch (operation->code) {
    case OPERATION_STRING_MOVE:
        if (!string_load(interpreter, size, &a) || !string_store(interpreter, size, a))
            return false;
        registers->general[REGISTER_RSI] += step;
        registers->general[REGISTER_RDI] += step;
        return true;
    case OPERATION_STRING_STORE:
        if (!string_store(interpreter, size, register_read(registers, REGISTER_RAX, size)))
            return false;
        registers->general[REGISTER_RDI] += step;
        return true;
    case OPERATION_STRING_LOAD:
        if (!string_load(interpreter, size, &a))
            return false;
        register_write(registers, REGISTER_RAX, size, a);
        registers->general[REGISTER_RSI] += step;
        return true;
    case OPERATION_STRING_SCAN:
        if (!memory_load(interpreter, registers->general[REGISTER_RDI], size, &b))
            return false;
        compare(interpreter, operation, register_read(registers, REGISTER_RAX, size), b);
        registers->general[REGISTER_RDI] += step;
        return true;
    default: /* OPERATION_STRING_COMPARE */
        if (!string_load(interpreter, size, &a) ||
            !memory_load(interpreter, registers->general[REGISTER_RDI], size, &b))
            return false;
        compare(interpreter, operation, a, b);
        registers->general[REGISTER_RSI] += step;
        registers->general[REGISTER_RDI] += step;
        return true;
    }
}

bool interpret_string(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    bool compares =
        operation->code == OPERATION_STRING_SCAN || operation->code == OPERATION_STRING_COMPARE;

    if ((registers->poison[REGISTER_RDI] && operation->code != OPERATION_STRING_LOAD) ||
        (registers->poison[REGISTER_RSI] && operation->code != OPERATION_STRING_STORE &&
         operation->code != OPERATION_STRING_SCAN))
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!(operation->form & (FORM_REPEAT | FORM_REPEAT_NOT)))
        return string_step(interpreter, operation);
    if (registers->poison[REGISTER_RCX])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
    if (registers->general[REGISTER_RCX] > MOST_ELEMENTS && !compares)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
    for (unsigned i = 0; registers->general[REGISTER_RCX] != 0; i++) {
        bool equal;
        if (i == MOST_ELEMENTS)
            return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
        if (!string_step(interpreter, operation))
            return false;
        registers->general[REGISTER_RCX]--;
        if (!compares)
            continue;
        if (registers->flags_poison & FLAG_ZF)
            return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
        equal = (registers->flags & FLAG_ZF) != 0;
        if (equal != ((operation->form & FORM_REPEAT) != 0))
            break;
    }
    return true;
}
