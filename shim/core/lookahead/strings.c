/* String instructions.  A repeat runs element by element, up to a bound. */
#include "shim/core/lookahead/arithmetic.h"
#include "shim/core/lookahead/interpreter.h"

#define MOST_ELEMENTS 4096

static bool string_store(struct run *run, unsigned size, struct value value)
{
    return memory_store(run, run->registers->general[REGISTER_RDI], size, value);
}

static bool string_load(struct run *run, unsigned size, struct value *value)
{
    return memory_load(run, run->registers->general[REGISTER_RSI], size, value);
}

static void compare(struct run *run, const struct operation *operation, struct value a,
                    struct value b)
{
    uint32_t flags = run->registers->flags;
    arithmetic_subtract(operation->size, a.bits, b.bits, &flags);
    flags_after(run->registers, operation, flags, a.poison == 0 && b.poison == 0);
}

/* One element. */
static bool string_step(struct run *run, const struct operation *operation)
{
    struct registers *registers = run->registers;
    unsigned size = operation->size;
    uint64_t step = registers->flags & FLAG_DF ? -(uint64_t)size : size;
    struct value a, b;

    switch (operation->code) {
    case OPERATION_STRING_MOVE:
        if (!string_load(run, size, &a) || !string_store(run, size, a))
            return false;
        registers->general[REGISTER_RSI] += step;
        registers->general[REGISTER_RDI] += step;
        return true;
    case OPERATION_STRING_STORE:
        if (!string_store(run, size, register_read(registers, REGISTER_RAX, size)))
            return false;
        registers->general[REGISTER_RDI] += step;
        return true;
    case OPERATION_STRING_LOAD:
        if (!string_load(run, size, &a))
            return false;
        register_write(registers, REGISTER_RAX, size, a);
        registers->general[REGISTER_RSI] += step;
        return true;
    case OPERATION_STRING_SCAN:
        if (!memory_load(run, registers->general[REGISTER_RDI], size, &b))
            return false;
        compare(run, operation, register_read(registers, REGISTER_RAX, size), b);
        registers->general[REGISTER_RDI] += step;
        return true;
    default: /* OPERATION_STRING_COMPARE */
        if (!string_load(run, size, &a) ||
            !memory_load(run, registers->general[REGISTER_RDI], size, &b))
            return false;
        compare(run, operation, a, b);
        registers->general[REGISTER_RSI] += step;
        registers->general[REGISTER_RDI] += step;
        return true;
    }
}

bool run_string(struct run *run, const struct operation *operation)
{
    struct registers *registers = run->registers;
    bool compares =
        operation->code == OPERATION_STRING_SCAN || operation->code == OPERATION_STRING_COMPARE;

    if ((registers->poison[REGISTER_RDI] && operation->code != OPERATION_STRING_LOAD) ||
        (registers->poison[REGISTER_RSI] && operation->code != OPERATION_STRING_STORE &&
         operation->code != OPERATION_STRING_SCAN))
        return run_stop(run, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!(operation->form & (FORM_REPEAT | FORM_REPEAT_NOT)))
        return string_step(run, operation);
    if (registers->poison[REGISTER_RCX])
        return run_stop(run, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
    if (registers->general[REGISTER_RCX] > MOST_ELEMENTS && !compares)
        return run_stop(run, PGORAW_COUNT_STOP_UNSUPPORTED);
    for (unsigned i = 0; registers->general[REGISTER_RCX] != 0; i++) {
        bool equal;
        if (i == MOST_ELEMENTS)
            return run_stop(run, PGORAW_COUNT_STOP_UNSUPPORTED);
        if (!string_step(run, operation))
            return false;
        registers->general[REGISTER_RCX]--;
        if (!compares)
            continue;
        if (registers->flags_poison & FLAG_ZF)
            return run_stop(run, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
        equal = (registers->flags & FLAG_ZF) != 0;
        if (equal != ((operation->form & FORM_REPEAT) != 0))
            break;
    }
    return true;
}
