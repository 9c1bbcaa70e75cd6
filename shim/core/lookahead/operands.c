/* Access to registers and memory by operand: see run.h. */
#include "shim/core/lookahead/interpreter.h"

bool run_stop(struct run *run, enum pgoraw_counter stop)
{
    run->stop = stop;
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

static bool finish(struct run *run, enum lines_result result)
{
    if (result == LINES_DONE)
        return true;
    return run_stop(run, result == LINES_FAULT ? PGORAW_COUNT_STOP_FAULT
                                               : PGORAW_COUNT_STOP_STORES_FULL);
}

bool memory_load(struct run *run, uint64_t address, unsigned size, struct value *value)
{
    return finish(run, lines_load(run->lines, address, size, value));
}

bool memory_store(struct run *run, uint64_t address, unsigned size, struct value value)
{
    return finish(run, lines_store(run->lines, address, size, value));
}

static bool operand_load(struct run *run, const struct operation *operation, unsigned size,
                         struct value *value)
{
    bool known;
    uint64_t address = operand_address(run->registers, operation, &known);
    if (known)
        return memory_load(run, address, size, value);
    *value = value_unknown(size);
    return true;
}

bool source_load(struct run *run, const struct operation *operation, unsigned size,
                 struct value *value)
{
    if (operation->form & FORM_SOURCE_MEMORY)
        return operand_load(run, operation, size, value);
    if (operation->form & FORM_SOURCE_IMMEDIATE)
        *value = value_known((uint64_t)(int64_t)operation->immediate & size_mask(size));
    else
        *value = register_read(run->registers, operation->source, size);
    return true;
}

bool destination_load(struct run *run, const struct operation *operation, struct value *value)
{
    if (operation->form & FORM_DESTINATION_MEMORY)
        return operand_load(run, operation, operation->size, value);
    *value = register_read(run->registers, operation->destination, operation->size);
    return true;
}

bool destination_store(struct run *run, const struct operation *operation, struct value value)
{
    bool known;
    uint64_t address;
    if (!(operation->form & FORM_DESTINATION_MEMORY)) {
        register_write(run->registers, operation->destination, operation->size, value);
        return true;
    }
    address = operand_address(run->registers, operation, &known);
    if (!known)
        return run_stop(run, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    return memory_store(run, address, operation->size, value);
}
