#include "shim/core/lookahead/quick_forms.h"

#include <stdbool.h>

#include "shim/core/lookahead/registers.h"

/* Forms of the operations on two operands: both in registers or immediate; memory first; last. */
struct forms {
    uint8_t registers, memory_first, memory_last;
};

static const struct forms forms_of_two[] = {
    [OPERATION_ADD] = {QUICK_ADD, QUICK_NONE, QUICK_ADD_MEMORY},
    [OPERATION_SUBTRACT] = {QUICK_SUBTRACT, QUICK_NONE, QUICK_NONE},
    [OPERATION_AND] = {QUICK_AND, QUICK_NONE, QUICK_NONE},
    [OPERATION_OR] = {QUICK_OR, QUICK_NONE, QUICK_NONE},
    [OPERATION_EXCLUSIVE_OR] = {QUICK_EXCLUSIVE_OR, QUICK_NONE, QUICK_NONE},
    [OPERATION_COMPARE] = {QUICK_COMPARE, QUICK_COMPARE_MEMORY, QUICK_COMPARE_WITH_MEMORY},
    [OPERATION_TEST] = {QUICK_TEST, QUICK_TEST_MEMORY, QUICK_NONE},
};

/* A whole register: not the high byte of one. */
static bool is_whole(unsigned number)
{
    return number < REGISTER_COUNT;
}

static enum quick form_of_two(const struct operation *operation)
{
    const struct forms *forms = &forms_of_two[operation->code];
    bool writes = operation->code != OPERATION_COMPARE && operation->code != OPERATION_TEST;

    if (writes && operation->size < 4) /* would have to keep the rest of the register */
        return QUICK_NONE;
    if (operation->form & FORM_DESTINATION_MEMORY)
        return forms->memory_first;
    if (!is_whole(operation->destination))
        return QUICK_NONE;
    if (operation->form & FORM_SOURCE_MEMORY)
        return forms->memory_last;
    if ((operation->code == OPERATION_EXCLUSIVE_OR || operation->code == OPERATION_SUBTRACT) &&
        !(operation->form & FORM_SOURCE_IMMEDIATE) && operation->destination == operation->source)
        return QUICK_ZERO;
    return forms->registers;
}

static enum quick form_of_move(const struct operation *operation)
{
    if (operation->detail) /* a wide immediate */
        return QUICK_NONE;
    if (operation->form & FORM_DESTINATION_MEMORY)
        return QUICK_STORE;
    if (operation->size < 4)
        return QUICK_NONE;
    if (!(operation->form & FORM_SOURCE_MEMORY))
        return QUICK_COPY;
    return QUICK_LOAD;
}

static enum quick form_of_widening(const struct operation *operation)
{
    if (operation->form & FORM_SOURCE_MEMORY)
        return operation->code == OPERATION_MOVE_ZERO ? QUICK_LOAD_ZERO : QUICK_LOAD_SIGN;
    return operation->code == OPERATION_MOVE_ZERO ? QUICK_COPY_ZERO : QUICK_COPY_SIGN;
}

static enum quick form_of(const struct operation *operation)
{
    switch (operation->code) {
    case OPERATION_MOVE:
        return form_of_move(operation);
    case OPERATION_MOVE_ZERO:
    case OPERATION_MOVE_SIGN:
        return operation->size < 4 ? QUICK_NONE : form_of_widening(operation);
    case OPERATION_ADD:
    case OPERATION_SUBTRACT:
    case OPERATION_AND:
    case OPERATION_OR:
    case OPERATION_EXCLUSIVE_OR:
    case OPERATION_COMPARE:
    case OPERATION_TEST:
        return form_of_two(operation);
    case OPERATION_ADDRESS:
        return operation->size < 4 ? QUICK_NONE : QUICK_ADDRESS;
    case OPERATION_PUSH:
        return operation->form & FORM_SOURCE_MEMORY ? QUICK_NONE : QUICK_PUSH;
    case OPERATION_POP:
        return QUICK_POP;
    case OPERATION_NOTHING:
        return QUICK_NOTHING;
    default:
        return QUICK_NONE;
    }
}

void quick_choose(struct operation *operation)
{
    enum quick form = QUICK_NONE;
    if (!(operation->form & (FORM_SHORT_ADDRESS | FORM_SEGMENT_FS | FORM_SEGMENT_GS)))
        form = form_of(operation);
    /* `source + immediate` has to be the operand whichever of the two it is. */
    if (form != QUICK_NONE && operation->form & FORM_SOURCE_IMMEDIATE)
        operation->source = REGISTER_ZERO;
    else if (form != QUICK_NONE && !(operation->form & FORM_SOURCE_MEMORY) &&
             operation->source != REGISTER_NONE && !is_whole(operation->source))
        form = QUICK_NONE;
    operation->quick = form & 0x3f;
}
