/* The interpreter's loop: control flow, limits, and what ends a window. */
#include "shim/core/lookahead/execute.h"

#include "shim/core/lookahead/quick.h"

/* Where a direct branch leads, remembered in the operation. */
static uint32_t link_of(struct decoded_code *code, struct operation *operation)
{
    if (operation->link == 0)
        operation->link = code_find(code, operation->target);
    return operation->link;
}

static bool push_return(struct interpreter *interpreter, uint64_t address)
{
    struct registers *registers = interpreter->registers;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_store(interpreter, registers->general[REGISTER_RSP] - 8, 8, value_known(address)))
        return false;
    registers->general[REGISTER_RSP] -= 8;
    return true;
}

static bool pop_return(struct interpreter *interpreter, const struct operation *operation,
                       uint64_t *target)
{
    struct registers *registers = interpreter->registers;
    struct value value;
    if (registers->poison[REGISTER_RSP])
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_ADDRESS);
    if (!memory_load(interpreter, registers->general[REGISTER_RSP], 8, &value))
        return false;
    if (value.poison)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
    registers->general[REGISTER_RSP] += 8 + (uint64_t)operation->immediate;
    *target = value.bits;
    return true;
}

static bool indirect_target(struct interpreter *interpreter, const struct operation *operation,
                            uint64_t *target)
{
    struct value value;
    if (!source_load(interpreter, operation, 8, &value))
        return false;
    if (value.poison)
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
    *target = value.bits;
    return true;
}

enum transfer { TRANSFER_NONE, TRANSFER_TAKEN, TRANSFER_STOPPED };

/*
 * Runs a control-flow instruction at `address`.  TRANSFER_TAKEN: control goes to
 * *target.
 */
static enum transfer transfer(struct interpreter *interpreter, const struct operation *operation,
                              uint64_t address, uint64_t *target)
{
    struct registers *registers = interpreter->registers;
    uint64_t next = address + operation->length;
    bool went = true;
    int holds;

    *target = operation->target;
    switch (operation->code) {
    case OPERATION_JUMP_IF:
        holds = condition_holds(registers, operation->detail);
        if (holds < 0)
            went = interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
        else if (!holds)
            return TRANSFER_NONE;
        break;
    case OPERATION_LOOP:
    case OPERATION_JUMP_COUNT_ZERO:
        if (registers->poison[REGISTER_RCX]) {
            went = interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNKNOWN_BRANCH);
            break;
        }
        if (operation->code == OPERATION_LOOP)
            registers->general[REGISTER_RCX]--;
        if ((registers->general[REGISTER_RCX] == 0) != (operation->code != OPERATION_LOOP))
            return TRANSFER_NONE;
        break;
    case OPERATION_CALL:
        went = push_return(interpreter, next);
        break;
    case OPERATION_CALL_INDIRECT:
        went = indirect_target(interpreter, operation, target) && push_return(interpreter, next);
        break;
    case OPERATION_JUMP_INDIRECT:
        went = indirect_target(interpreter, operation, target);
        break;
    case OPERATION_RETURN:
        went = pop_return(interpreter, operation, target);
        break;
    default: /* OPERATION_JUMP */
        break;
    }
    return went ? TRANSFER_TAKEN : TRANSFER_STOPPED;
}

static bool is_transfer(const struct operation *operation)
{
    return operation->code >= OPERATION_JUMP && operation->code <= OPERATION_RETURN;
}

static bool is_direct(const struct operation *operation)
{
    return operation->code == OPERATION_JUMP || operation->code == OPERATION_JUMP_IF ||
           operation->code == OPERATION_CALL || operation->code == OPERATION_LOOP ||
           operation->code == OPERATION_JUMP_COUNT_ZERO;
}

/* Computes one instruction that does not transfer control. */
static bool interpret_straight(struct interpreter *interpreter, const struct operation *operation)
{
    switch (operation->code) {
    case OPERATION_SYSTEM_CALL:
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_SYSTEM_CALL);
    case OPERATION_UNSUPPORTED:
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_UNSUPPORTED);
    case OPERATION_UNDECODABLE:
        return interpreter_stop(interpreter, PGORAW_COUNT_STOP_DECODE);
    default:
        return operation->code < OPERATION_STRING_MOVE ? interpret_compute(interpreter, operation)
                                                       : interpret_string(interpreter, operation);
    }
}

/*
 * Runs the operation, straight or not.  TRANSFER_TAKEN: control goes to *target.
 */
static inline enum transfer interpret_operation(struct interpreter *interpreter,
                                                const struct operation *operation, uint64_t address,
                                                uint64_t *target)
{
    if (is_transfer(operation))
        return transfer(interpreter, operation, address, target);
    return interpret_quick(interpreter, operation) || interpret_straight(interpreter, operation)
               ? TRANSFER_NONE
               : TRANSFER_STOPPED;
}

enum pgoraw_counter lookahead_run(struct lookahead *lookahead, struct window *window)
{
    struct interpreter interpreter = {.registers = &lookahead->registers,
                                      .lines = &lookahead->lines};
    struct decoded_code *code = &lookahead->code;
    uint64_t address = lookahead->registers.instruction, target;
    uint32_t at = code_find(code, address), instructions = 0;

    window->begins_at_sample = true;
    interpreter.stop = PGORAW_COUNT_STOP_INSTRUCTION_LIMIT;
    while (instructions < WINDOW_MOST_INSTRUCTIONS) {
        struct operation *operation = &code->operations[at];
        enum transfer result;

        if (operation->code <= OPERATION_VERIFY) {
            if (at == 0) {
                interpreter.stop = PGORAW_COUNT_STOP_NO_MODULE;
                break;
            }
            at = operation->code == OPERATION_VERIFY ? code_verify(code, operation, address)
                                                     : link_of(code, operation);
            continue;
        }
        result = interpret_operation(&interpreter, operation, address, &target);
        if (result == TRANSFER_STOPPED)
            break;
        instructions++;
        if (result == TRANSFER_NONE) {
            window->last = address;
            address += operation->length;
            at++;
            continue;
        }
        window_add(window, address, target, operation_branch(operation), operation->length);
        if (window->count == lookahead->branch_limit) {
            interpreter.stop = PGORAW_COUNT_STOP_BRANCH_LIMIT;
            break;
        }
        at = is_direct(operation) ? link_of(code, operation) : code_find(code, target);
        address = target;
    }
    lookahead->registers.instruction = address;
    lookahead->instructions = instructions;
    return interpreter.stop;
}
