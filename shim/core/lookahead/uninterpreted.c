/* Instructions that are not interpreted: done by the CPU, or made poison of. */
#include <string.h>

#include "shim/core/lookahead/interpreter.h"
#include "shim/core/lookahead/thunks.h"

bool interpret_poison(struct interpreter *interpreter, const struct operation *operation)
{
    struct registers *registers = interpreter->registers;
    bool known;
    uint64_t address;

    if (operation->form & FORM_DESTINATION_MEMORY) {
        address = operand_address(registers, operation, &known);
        if (!known)
            return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
        if (lines_poison(interpreter->lines, address, (uint32_t)operation->immediate) != LINES_DONE)
            return interpreter_stop(interpreter, PGORAW_COUNT_STOP_STORES_FULL);
    }
    for (unsigned number = 0; number < REGISTER_COUNT; number++)
        if (operation->poison_registers >> number & 1)
            registers->poison[number] = 0xff;
    if (operation->link | operation->detail) {
        if (!registers->vectors.taken)
            vectors_take(&registers->vectors);
        registers->vectors.low_poison |= operation->link;
        registers->vectors.high_poison |= operation->link;
        registers->vectors.mask_poison |= operation->detail;
    }
    if (operation->size) /* an x87 instruction without a thunk */
        registers->vectors.x87_poison = true;
    flags_poison(registers, operation->flags_written | operation->flags_undefined);
    return true;
}

/* Everything that a thunk writes becomes unknown. */
static bool thunk_poison(struct interpreter *interpreter, const struct operation *operation,
                         const struct thunk *thunk, uint64_t address)
{
    struct registers *registers = interpreter->registers;
    struct vectors *vectors = &registers->vectors;

    vectors->low_poison |= thunk->low_written;
    vectors->high_poison |= thunk->high_written;
    vectors->mask_poison |= thunk->mask_written;
    vectors->x87_poison = vectors->x87_poison || thunk->state & THUNK_X87;
    for (unsigned number = 0; number < REGISTER_COUNT; number++)
        if (thunk->general_written >> number & 1)
            registers->poison[number] = 0xff;
    flags_poison(registers, operation->flags_written | operation->flags_undefined);
    if (!(thunk->memory & THUNK_MEMORY_WRITE))
        return true;
    return lines_poison(interpreter->lines, address, thunk->memory_size) == LINES_DONE ||
           interpreter_stop(interpreter, PGORAW_COUNT_STOP_STORES_FULL);
}

/* Whether anything that the thunk reads from registers is unknown. */
static bool thunk_reads_poison(const struct registers *registers, const struct thunk *thunk)
{
    const struct vectors *vectors = &registers->vectors;

    for (unsigned number = 0; number < REGISTER_COUNT; number++)
        if (thunk->general_read >> number & 1 && registers->poison[number])
            return true;
    return vectors->low_poison & (thunk->low_read | (thunk->vectors_kept & thunk->low_written)) ||
           (thunk->state & THUNK_X87 && vectors->x87_poison) ||
           vectors->high_poison & thunk->high_read || vectors->mask_poison & thunk->mask_read ||
           registers->flags_poison & thunk->flags_read;
}

/* The memory operand to the scratch place.  *known: nothing of it is poison. */
static bool thunk_load(struct interpreter *interpreter, const struct thunk *thunk, uint64_t address,
                       bool *known)
{
    uint8_t *scratch = interpreter->registers->vectors.scratch;

    for (unsigned at = 0; at < thunk->memory_size && *known; at += 8) {
        unsigned size = thunk->memory_size - at < 8 ? thunk->memory_size - at : 8;
        struct value value = {0, 0};
        enum lines_result result = lines_load(interpreter->lines, address + at, size, &value);
        if (result == LINES_FAULT && thunk->memory & THUNK_MEMORY_MASKED) {
            *known = false; /* the mask may leave out what cannot be read */
            return true;
        }
        if (result != LINES_DONE)
            return interpreter_stop(interpreter, result == LINES_FAULT
                                                     ? PGORAW_COUNT_STOP_FAULT
                                                     : PGORAW_COUNT_STOP_STORES_FULL);
        memcpy(scratch + at, &value.bits, size);
        *known = value.poison == 0;
    }
    return true;
}

static bool thunk_store(struct interpreter *interpreter, const struct thunk *thunk,
                        uint64_t address)
{
    const uint8_t *scratch = interpreter->registers->vectors.scratch;

    for (unsigned at = 0; at < thunk->memory_size; at += 8) {
        unsigned size = thunk->memory_size - at < 8 ? thunk->memory_size - at : 8;
        struct value value = {0, 0};
        memcpy(&value.bits, scratch + at, size);
        if (!memory_store(interpreter, address + at, size, value))
            return false;
    }
    return true;
}

/*
 * Control words: one that allows traps is never loaded, and what is stored is
 * known only where it is the application's own.  False: the window ends.
 */
static bool control_allows(struct interpreter *interpreter, const struct thunk *thunk, bool *known)
{
    const struct vectors *vectors = &interpreter->registers->vectors;
    uint32_t control;

    memcpy(&control, vectors->scratch, sizeof(control));
    if (thunk->state & THUNK_STORES_VECTOR_CONTROL)
        *known = *known && vectors->control_known;
    if (thunk->state & THUNK_LOADS_X87_CONTROL)
        *known = *known && x87_control_is_quiet((uint16_t)control);
    if (thunk->state & THUNK_LOADS_VECTOR_CONTROL && !(*known && vector_control_is_quiet(control)))
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
    return true;
}

bool interpret_thunk(struct interpreter *interpreter, const struct operation *operation)
{
    const struct thunk *thunk = thunk_get(operation->link);
    struct registers *registers = interpreter->registers;
    struct vectors *vectors = &registers->vectors;
    uint64_t address = 0, flags = registers->flags;
    bool address_known = true, known;
    uint32_t after;

    if (!vectors->taken)
        vectors_take(vectors);
    if (thunk->state & THUNK_X87 && !vectors->x87_taken)
        x87_take(vectors);
    if (thunk->memory_size)
        address = operand_address(registers, operation, &address_known);
    if (!address_known && thunk->memory & THUNK_MEMORY_WRITE)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    known = address_known && !thunk_reads_poison(registers, thunk);
    /* A masked store keeps what the mask leaves out. */
    if (known && thunk->memory & (THUNK_MEMORY_READ | THUNK_MEMORY_MASKED) &&
        !thunk_load(interpreter, thunk, address, &known))
        return false;
    if (thunk->state && !control_allows(interpreter, thunk, &known))
        return false;
    if (!known)
        return thunk_poison(interpreter, operation, thunk, address);
    registers->flags &= FLAGS_ARITHMETIC; /* no direction or trap flag gets into our own code */
    thunk_run(thunk, registers);
    after = (uint32_t)registers->flags;
    registers->flags = flags;
    vectors->low_poison &= ~thunk->low_written;
    vectors->high_poison &= ~thunk->high_written;
    vectors->mask_poison &= (uint8_t)~thunk->mask_written;
    for (unsigned number = 0; number < REGISTER_COUNT; number++)
        if (thunk->general_written >> number & 1)
            registers->poison[number] = 0;
    flags_set(registers, operation->flags_written, after);
    flags_poison(registers, operation->flags_undefined);
    return !(thunk->memory & THUNK_MEMORY_WRITE) || thunk_store(interpreter, thunk, address);
}
