/* Access to registers and memory by operand: see interpreter.h. */
#include "shim/core/lookahead/interpreter.h"

bool interpreter_stop(struct interpreter *interpreter, enum pgoraw_counter stop)
{
    interpreter->stop = stop;
    return false;
}

uint64_t operand_address(const struct registers *registers, const struct operation *operation,
                         bool *known)
{
    uint64_t address = operand_address_plain(registers, operation);

    if (operation->form & FORM_SHORT_ADDRESS)
        address &= UINT32_MAX;
    if (operation->form & FORM_SEGMENT_FS)
        address += registers->fs_base;
    /* Nothing of user space keeps the base of gs where we could see it. */
    *known =
        operand_address_poison(registers, operation) == 0 && !(operation->form & FORM_SEGMENT_GS);
    return address;
}

static bool finish(struct interpreter *interpreter, enum lines_result result)
{
    if (result == LINES_DONE)
        return true;
    return interpreter_stop(interpreter, result == LINES_FAULT ? PGORAW_COUNT_STOP_FAULT
                                                               : PGORAW_COUNT_STOP_STORES_FULL);
}

bool memory_load(struct interpreter *interpreter, uint64_t address, unsigned size,
                 struct value *value)
{
    return finish(interpreter, lines_load(interpreter->lines, address, size, value));
}

bool memory_store(struct interpreter *interpreter, uint64_t address, unsigned size,
                  struct value value)
{
    return finish(interpreter, lines_store(interpreter->lines, address, size, value));
}

static bool operand_load(struct interpreter *interpreter, const struct operation *operation,
                         unsigned size, struct value *value)
{
    bool known;
    uint64_t address = operand_address(interpreter->registers, operation, &known);
    if (known)
        return memory_load(interpreter, address, size, value);
    *value = value_unknown(size);
    return true;
}

bool source_load(struct interpreter *interpreter, const struct operation *operation, unsigned size,
                 struct value *value)
{
    if (operation->form & FORM_SOURCE_MEMORY)
        return operand_load(interpreter, operation, size, value);
    if (operation->form & FORM_SOURCE_IMMEDIATE)
        *value = value_known((uint64_t)(int64_t)operation->immediate & size_mask(size));
    else
        *value = register_read(interpreter->registers, operation->source, size);
    return true;
}

bool destination_load(struct interpreter *interpreter, const struct operation *operation,
                      struct value *value)
{
    if (operation->form & FORM_DESTINATION_MEMORY)
        return operand_load(interpreter, operation, operation->size, value);
    *value = register_read(interpreter->registers, operation->destination, operation->size);
    return true;
}

bool destination_store(struct interpreter *interpreter, const struct operation *operation,
                       struct value value)
{
    bool known;
    uint64_t address;
    if (!(operation->form & FORM_DESTINATION_MEMORY)) {
        register_write(interpreter->registers, operation->destination, operation->size, value);
        return true;
    }
    address = operand_address(interpreter->registers, operation, &known);
    if (!known)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    return memory_store(interpreter, address, operation->size, value);
}
