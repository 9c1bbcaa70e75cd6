#include "shim/core/lookahead/decode.h"

#include <string.h>
#include <Zydis/Zydis.h>

#include "shim/core/lookahead/quick_forms.h"
#include "shim/core/lookahead/registers.h"
#include "shim/core/lookahead/thunks.h"

/* An instruction on its way from Zydis to an operation. */
struct decoding {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    uint64_t address;
};

#define LARGEST_POISON_STORE 64 /* bytes that one instruction of ours may write */

/* --- operands -------------------------------------------------------------- */

static bool is_general(ZydisRegister name)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(name);
    return class == ZYDIS_REGCLASS_GPR8 || class == ZYDIS_REGCLASS_GPR16 ||
           class == ZYDIS_REGCLASS_GPR32 || class == ZYDIS_REGCLASS_GPR64;
}

static uint8_t register_number(ZydisRegister name)
{
    ZydisRegister whole;
    if (!is_general(name))
        return REGISTER_NONE;
    if (name >= ZYDIS_REGISTER_AH && name <= ZYDIS_REGISTER_BH)
        return (uint8_t)(REGISTER_HIGH + (name - ZYDIS_REGISTER_AH));
    whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
    return (uint8_t)ZydisRegisterGetId(whole);
}

/* The memory operand's address.  False: an address form that we do not compute. */
static bool take_address(const struct decoding *decoding, const ZydisDecodedOperand *operand,
                         struct operation *operation)
{
    const ZydisDecodedOperandMem *memory = &operand->mem;
    uint64_t next = decoding->address + decoding->instruction.length;

    if (memory->type != ZYDIS_MEMOP_TYPE_MEM && memory->type != ZYDIS_MEMOP_TYPE_AGEN)
        return false;
    operation->displacement = memory->disp.has_displacement ? memory->disp.value : 0;
    if (memory->base == ZYDIS_REGISTER_RIP || memory->base == ZYDIS_REGISTER_EIP)
        operation->displacement += (int64_t)next;
    else if (memory->base != ZYDIS_REGISTER_NONE)
        operation->base = register_number(memory->base);
    if (memory->index != ZYDIS_REGISTER_NONE)
        operation->index = register_number(memory->index);
    operation->scale = (memory->scale == 8   ? 3u
                        : memory->scale == 4 ? 2u
                                             : memory->scale == 2) &
                       3u;
    if (decoding->instruction.address_width == 32)
        operation->form |= FORM_SHORT_ADDRESS;
    if (memory->segment == ZYDIS_REGISTER_FS)
        operation->form |= FORM_SEGMENT_FS;
    else if (memory->segment == ZYDIS_REGISTER_GS)
        operation->form |= FORM_SEGMENT_GS;
    return true;
}

static bool take_destination(const struct decoding *decoding, int number,
                             struct operation *operation)
{
    const ZydisDecodedOperand *operand = &decoding->operands[number];
    operation->size = (uint8_t)(operand->size / 8);
    if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
        operation->form |= FORM_DESTINATION_MEMORY;
        return take_address(decoding, operand, operation);
    }
    operation->destination = register_number(operand->reg.value);
    return operand->type == ZYDIS_OPERAND_TYPE_REGISTER && is_general(operand->reg.value);
}

static bool take_source(const struct decoding *decoding, int number, struct operation *operation)
{
    const ZydisDecodedOperand *operand = &decoding->operands[number];
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_MEMORY:
        operation->form |= FORM_SOURCE_MEMORY;
        return take_address(decoding, operand, operation);
    case ZYDIS_OPERAND_TYPE_REGISTER:
        operation->source = register_number(operand->reg.value);
        return is_general(operand->reg.value);
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        operation->form |= FORM_SOURCE_IMMEDIATE;
        operation->immediate = (int32_t)operand->imm.value.s;
        return true;
    default:
        return false;
    }
}

/* --- shapes of instructions ------------------------------------------------ */

static bool shape_two(const struct decoding *decoding, struct operation *operation)
{
    return take_destination(decoding, 0, operation) && take_source(decoding, 1, operation);
}

static bool shape_one(const struct decoding *decoding, struct operation *operation)
{
    return take_destination(decoding, 0, operation);
}

static bool shape_move(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedOperand *source = &decoding->operands[1];
    if (!shape_two(decoding, operation))
        return false;
    /* mov r64, imm64: the only immediate that does not fit; it has no memory operand. */
    if (source->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operation->size == 8 &&
        source->imm.value.s != operation->immediate) {
        operation->wide_immediate = source->imm.value.s;
        operation->detail = 1;
    }
    return true;
}

static bool shape_widen(const struct decoding *decoding, struct operation *operation)
{
    operation->detail = (uint8_t)(decoding->operands[1].size / 8);
    return shape_two(decoding, operation);
}

/* imul: one, two or three operands. */
static bool shape_multiply(const struct decoding *decoding, struct operation *operation)
{
    switch (decoding->instruction.operand_count_visible) {
    case 1:
        operation->code = OPERATION_MULTIPLY_WIDE_SIGNED;
        return shape_one(decoding, operation);
    case 2:
        return shape_two(decoding, operation);
    default:
        operation->detail = 1; /* destination = source * immediate */
        operation->immediate = (int32_t)decoding->operands[2].imm.value.s;
        return shape_two(decoding, operation);
    }
}

static bool shape_double_shift(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedOperand *count = &decoding->operands[2];
    operation->detail = REGISTER_NONE;
    if (count->type == ZYDIS_OPERAND_TYPE_REGISTER)
        operation->detail = REGISTER_RCX;
    else
        operation->immediate = (int32_t)count->imm.value.u;
    return shape_two(decoding, operation) && operation->size >= 4;
}

/* A bit number in a register reaches beyond a memory operand: not computed. */
static bool shape_bit(const struct decoding *decoding, struct operation *operation)
{
    return shape_two(decoding, operation) && !((operation->form & FORM_DESTINATION_MEMORY) &&
                                               !(operation->form & FORM_SOURCE_IMMEDIATE));
}

static bool shape_condition_one(const struct decoding *decoding, struct operation *operation)
{
    operation->detail = decoding->instruction.opcode & 15;
    return shape_one(decoding, operation);
}

static bool shape_condition_two(const struct decoding *decoding, struct operation *operation)
{
    operation->detail = decoding->instruction.opcode & 15;
    return shape_two(decoding, operation);
}

static bool shape_push(const struct decoding *decoding, struct operation *operation)
{
    operation->size = decoding->instruction.operand_width / 8;
    return take_source(decoding, 0, operation) && operation->size == 8;
}

static bool shape_pop(const struct decoding *decoding, struct operation *operation)
{
    /* pop into memory addresses through the new stack pointer: rare, not computed. */
    return take_destination(decoding, 0, operation) && operation->size == 8 &&
           !(operation->form & FORM_DESTINATION_MEMORY);
}

static bool shape_none(const struct decoding *decoding, struct operation *operation)
{
    operation->size = decoding->instruction.operand_width / 8;
    return true;
}

static bool shape_flags(const struct decoding *decoding, struct operation *operation)
{
    const ZydisAccessedFlags *flags = decoding->instruction.cpu_flags;
    operation->immediate = (int32_t)(flags->set_1 | flags->set_0 << 16);
    return true;
}

static bool shape_string(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedInstruction *instruction = &decoding->instruction;
    if (instruction->attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE))
        operation->form |= FORM_REPEAT;
    if (instruction->attributes & ZYDIS_ATTRIB_HAS_REPNE)
        operation->form |= FORM_REPEAT_NOT;
    operation->size = (uint8_t)(decoding->operands[0].size / 8);
    return instruction->address_width == 64 &&
           !(instruction->attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS));
}

static bool shape_relative(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedInstruction *instruction = &decoding->instruction;
    operation->detail = instruction->opcode & 15;
    operation->target =
        decoding->address + instruction->length + (uint64_t)decoding->operands[0].imm.value.s;
    /* Only a counter is made shorter by the prefix: linkers pad calls with it (addr32 call). */
    return instruction->address_width == 64 ||
           (operation->code != OPERATION_LOOP && operation->code != OPERATION_JUMP_COUNT_ZERO);
}

/* jmp and call: to a relative target, or through a register or memory. */
static bool shape_transfer(const struct decoding *decoding, struct operation *operation)
{
    if (decoding->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
        return false;
    if (decoding->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return shape_relative(decoding, operation);
    operation->code =
        operation->code == OPERATION_JUMP ? OPERATION_JUMP_INDIRECT : OPERATION_CALL_INDIRECT;
    operation->size = 8;
    return take_source(decoding, 0, operation) && decoding->operands[0].size == 64;
}

static bool shape_return(const struct decoding *decoding, struct operation *operation)
{
    if (decoding->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
        return false;
    if (decoding->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        operation->immediate = (int32_t)decoding->operands[0].imm.value.u;
    return true;
}

/* --- which instruction is which -------------------------------------------- */

struct translation {
    uint8_t code;
    bool (*shape)(const struct decoding *, struct operation *);
};

static struct translation translate_string(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        return (struct translation){OPERATION_STRING_MOVE, shape_string};
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        return (struct translation){OPERATION_STRING_STORE, shape_string};
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        return (struct translation){OPERATION_STRING_LOAD, shape_string};
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
        return (struct translation){OPERATION_STRING_SCAN, shape_string};
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
        return (struct translation){OPERATION_STRING_COMPARE, shape_string};
    default:
        return (struct translation){OPERATION_UNSUPPORTED, shape_none};
    }
}

static const struct translation translations[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
    [ZYDIS_MNEMONIC_MOV] = {OPERATION_MOVE, shape_move},
    [ZYDIS_MNEMONIC_MOVZX] = {OPERATION_MOVE_ZERO, shape_widen},
    [ZYDIS_MNEMONIC_MOVSX] = {OPERATION_MOVE_SIGN, shape_widen},
    [ZYDIS_MNEMONIC_MOVSXD] = {OPERATION_MOVE_SIGN, shape_widen},
    [ZYDIS_MNEMONIC_ADD] = {OPERATION_ADD, shape_two},
    [ZYDIS_MNEMONIC_ADC] = {OPERATION_ADD_CARRY, shape_two},
    [ZYDIS_MNEMONIC_SUB] = {OPERATION_SUBTRACT, shape_two},
    [ZYDIS_MNEMONIC_SBB] = {OPERATION_SUBTRACT_BORROW, shape_two},
    [ZYDIS_MNEMONIC_AND] = {OPERATION_AND, shape_two},
    [ZYDIS_MNEMONIC_OR] = {OPERATION_OR, shape_two},
    [ZYDIS_MNEMONIC_XOR] = {OPERATION_EXCLUSIVE_OR, shape_two},
    [ZYDIS_MNEMONIC_CMP] = {OPERATION_COMPARE, shape_two},
    [ZYDIS_MNEMONIC_TEST] = {OPERATION_TEST, shape_two},
    [ZYDIS_MNEMONIC_XCHG] = {OPERATION_EXCHANGE, shape_two},
    [ZYDIS_MNEMONIC_XADD] = {OPERATION_EXCHANGE_ADD, shape_two},
    [ZYDIS_MNEMONIC_CMPXCHG] = {OPERATION_COMPARE_EXCHANGE, shape_two},
    [ZYDIS_MNEMONIC_IMUL] = {OPERATION_MULTIPLY, shape_multiply},
    [ZYDIS_MNEMONIC_BT] = {OPERATION_BIT_TEST, shape_bit},
    [ZYDIS_MNEMONIC_BTS] = {OPERATION_BIT_SET, shape_bit},
    [ZYDIS_MNEMONIC_BTR] = {OPERATION_BIT_RESET, shape_bit},
    [ZYDIS_MNEMONIC_BTC] = {OPERATION_BIT_COMPLEMENT, shape_bit},
    [ZYDIS_MNEMONIC_BSF] = {OPERATION_SCAN_FORWARD, shape_two},
    [ZYDIS_MNEMONIC_BSR] = {OPERATION_SCAN_REVERSE, shape_two},
    [ZYDIS_MNEMONIC_TZCNT] = {OPERATION_TRAILING_ZEROS, shape_two},
    [ZYDIS_MNEMONIC_LZCNT] = {OPERATION_LEADING_ZEROS, shape_two},
    [ZYDIS_MNEMONIC_POPCNT] = {OPERATION_POPULATION_COUNT, shape_two},
    [ZYDIS_MNEMONIC_SHL] = {OPERATION_SHIFT_LEFT, shape_two},
    [ZYDIS_MNEMONIC_SHR] = {OPERATION_SHIFT_RIGHT, shape_two},
    [ZYDIS_MNEMONIC_SAR] = {OPERATION_SHIFT_ARITHMETIC, shape_two},
    [ZYDIS_MNEMONIC_ROL] = {OPERATION_ROTATE_LEFT, shape_two},
    [ZYDIS_MNEMONIC_ROR] = {OPERATION_ROTATE_RIGHT, shape_two},
    [ZYDIS_MNEMONIC_SHLD] = {OPERATION_SHIFT_LEFT_DOUBLE, shape_double_shift},
    [ZYDIS_MNEMONIC_SHRD] = {OPERATION_SHIFT_RIGHT_DOUBLE, shape_double_shift},
    [ZYDIS_MNEMONIC_CMOVB] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVBE] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVL] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVLE] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNB] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNBE] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNL] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNLE] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNO] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNP] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNS] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVNZ] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVO] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVP] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVS] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_CMOVZ] = {OPERATION_CONDITIONAL_MOVE, shape_condition_two},
    [ZYDIS_MNEMONIC_LEA] = {OPERATION_ADDRESS, shape_two},
    [ZYDIS_MNEMONIC_INC] = {OPERATION_INCREMENT, shape_one},
    [ZYDIS_MNEMONIC_DEC] = {OPERATION_DECREMENT, shape_one},
    [ZYDIS_MNEMONIC_NEG] = {OPERATION_NEGATE, shape_one},
    [ZYDIS_MNEMONIC_NOT] = {OPERATION_NOT, shape_one},
    [ZYDIS_MNEMONIC_SETB] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETBE] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETL] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETLE] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNB] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNBE] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNL] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNLE] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNO] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNP] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNS] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETNZ] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETO] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETP] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETS] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_SETZ] = {OPERATION_SET_CONDITION, shape_condition_one},
    [ZYDIS_MNEMONIC_BSWAP] = {OPERATION_SWAP_BYTES, shape_one},
    [ZYDIS_MNEMONIC_PUSH] = {OPERATION_PUSH, shape_push},
    [ZYDIS_MNEMONIC_POP] = {OPERATION_POP, shape_pop},
    [ZYDIS_MNEMONIC_MUL] = {OPERATION_MULTIPLY_WIDE, shape_one},
    [ZYDIS_MNEMONIC_DIV] = {OPERATION_DIVIDE, shape_one},
    [ZYDIS_MNEMONIC_IDIV] = {OPERATION_DIVIDE_SIGNED, shape_one},
    [ZYDIS_MNEMONIC_NOP] = {OPERATION_NOTHING, shape_none},
    [ZYDIS_MNEMONIC_ENDBR64] = {OPERATION_NOTHING, shape_none},
    [ZYDIS_MNEMONIC_PAUSE] = {OPERATION_NOTHING, shape_none},
    [ZYDIS_MNEMONIC_LEAVE] = {OPERATION_LEAVE, shape_none},
    [ZYDIS_MNEMONIC_CBW] = {OPERATION_WIDEN, shape_none},
    [ZYDIS_MNEMONIC_CWDE] = {OPERATION_WIDEN, shape_none},
    [ZYDIS_MNEMONIC_CDQE] = {OPERATION_WIDEN, shape_none},
    [ZYDIS_MNEMONIC_CWD] = {OPERATION_SIGN_SPLIT, shape_none},
    [ZYDIS_MNEMONIC_CDQ] = {OPERATION_SIGN_SPLIT, shape_none},
    [ZYDIS_MNEMONIC_CQO] = {OPERATION_SIGN_SPLIT, shape_none},
    [ZYDIS_MNEMONIC_CLC] = {OPERATION_FLAGS, shape_flags},
    [ZYDIS_MNEMONIC_STC] = {OPERATION_FLAGS, shape_flags},
    [ZYDIS_MNEMONIC_CLD] = {OPERATION_FLAGS, shape_flags},
    [ZYDIS_MNEMONIC_STD] = {OPERATION_FLAGS, shape_flags},
    [ZYDIS_MNEMONIC_CMC] = {OPERATION_COMPLEMENT_CARRY, shape_none},
    [ZYDIS_MNEMONIC_PUSHFQ] = {OPERATION_PUSH_FLAGS, shape_none},
    [ZYDIS_MNEMONIC_JB] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JBE] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JL] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JLE] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNB] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNBE] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNL] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNLE] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNO] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNP] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNS] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JNZ] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JO] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JP] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JS] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JZ] = {OPERATION_JUMP_IF, shape_relative},
    [ZYDIS_MNEMONIC_JRCXZ] = {OPERATION_JUMP_COUNT_ZERO, shape_relative},
    [ZYDIS_MNEMONIC_LOOP] = {OPERATION_LOOP, shape_relative},
    [ZYDIS_MNEMONIC_JMP] = {OPERATION_JUMP, shape_transfer},
    [ZYDIS_MNEMONIC_CALL] = {OPERATION_CALL, shape_transfer},
    [ZYDIS_MNEMONIC_RET] = {OPERATION_RETURN, shape_return},
    [ZYDIS_MNEMONIC_SYSCALL] = {OPERATION_SYSTEM_CALL, shape_none},
    [ZYDIS_MNEMONIC_SYSENTER] = {OPERATION_SYSTEM_CALL, shape_none},
    [ZYDIS_MNEMONIC_INT] = {OPERATION_SYSTEM_CALL, shape_none},
    /* These change what we do not keep, or end the program. */
    [ZYDIS_MNEMONIC_POPFQ] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_WRFSBASE] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_WRGSBASE] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_XBEGIN] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_XABORT] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_UD0] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_UD1] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_UD2] = {OPERATION_UNSUPPORTED, shape_none},
    [ZYDIS_MNEMONIC_INT3] = {OPERATION_UNSUPPORTED, shape_none},
};

/* An instruction that the CPU does for us.  False: no thunk does it. */
static bool thunk_take(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedInstruction *instruction = &decoding->instruction;

    operation->link = thunk_find(instruction, decoding->operands);
    if (operation->link == 0)
        return false;
    operation->code = OPERATION_THUNK;
    for (unsigned i = 0; i < instruction->operand_count_visible; i++) {
        if (decoding->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
            !take_address(decoding, &decoding->operands[i], operation)) {
            operation->link = 0;
            return false;
        }
    }
    return true;
}

/*
 * An instruction that is not interpreted: everything that it writes becomes
 * unknown.  False: it writes what we cannot follow.
 */
static bool poison_written(const struct decoding *decoding, struct operation *operation)
{
    const ZydisDecodedInstruction *instruction = &decoding->instruction;
    bool stores = false;

    if (instruction->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED ||
        instruction->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE)
        return false;
    operation->code = OPERATION_POISON;
    operation->size = instruction->meta.isa_ext == ZYDIS_ISA_EXT_X87 ||
                      instruction->meta.isa_ext == ZYDIS_ISA_EXT_MMX;
    for (unsigned i = 0; i < instruction->operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoding->operands[i];
        ZydisRegisterClass class;
        if (!(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
            continue;
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
            if (stores || operand->size == 0 || operand->size > LARGEST_POISON_STORE * 8 ||
                !take_address(decoding, operand, operation))
                return false;
            stores = true;
            operation->form |= FORM_DESTINATION_MEMORY;
            operation->immediate = operand->size / 8;
        } else if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
            class = ZydisRegisterGetClass(operand->reg.value);
            if (is_general(operand->reg.value))
                operation->poison_registers |=
                    (uint16_t)(1u << (register_number(operand->reg.value) & 15));
            else if (class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM ||
                     class == ZYDIS_REGCLASS_ZMM)
                operation->link |= 1u << ZydisRegisterGetId(operand->reg.value);
            else if (class == ZYDIS_REGCLASS_MASK)
                operation->detail |= (uint8_t)(1u << ZydisRegisterGetId(operand->reg.value));
            else if (class == ZYDIS_REGCLASS_IP || class == ZYDIS_REGCLASS_SEGMENT ||
                     class == ZYDIS_REGCLASS_CONTROL || class == ZYDIS_REGCLASS_DEBUG)
                return false;
        }
    }
    return !(operation->poison_registers & 1u << REGISTER_RSP);
}

static void clear(struct operation *operation, unsigned length)
{
    memset(operation, 0, sizeof(*operation));
    operation->length = (uint8_t)length;
    operation->destination = operation->source = REGISTER_NONE;
    operation->base = operation->index = REGISTER_ZERO;
}

static void take_flags(const ZydisAccessedFlags *flags, struct operation *operation)
{
    if (!flags)
        return;
    operation->flags_undefined = (uint16_t)(flags->undefined & FLAGS_ARITHMETIC);
    operation->flags_written = (uint16_t)((flags->modified | flags->set_0 | flags->set_1) &
                                          FLAGS_ARITHMETIC & ~flags->undefined);
}

bool decode_instruction(const uint8_t *bytes, size_t size, uint64_t address,
                        struct operation *operation)
{
    ZydisDecoder decoder;
    struct decoding decoding;
    const ZydisDecodedInstruction *instruction = &decoding.instruction;
    struct translation translation;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    decoding.address = address;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &decoding.instruction,
                                             decoding.operands))) {
        clear(operation, 1);
        operation->code = OPERATION_UNDECODABLE;
        return false;
    }
    translation = instruction->meta.category == ZYDIS_CATEGORY_STRINGOP
                      ? translate_string(instruction->mnemonic)
                      : translations[instruction->mnemonic];
    clear(operation, instruction->length);
    operation->code = translation.code;
    take_flags(instruction->cpu_flags, operation);
    if (!translation.shape || !translation.shape(&decoding, operation)) {
        clear(operation, instruction->length);
        take_flags(instruction->cpu_flags, operation);
        if (translation.code >= OPERATION_STRING_MOVE ||
            (!thunk_take(&decoding, operation) && !poison_written(&decoding, operation)))
            operation->code = OPERATION_UNSUPPORTED;
    }
    quick_choose(operation);
    switch (operation->code) {
    case OPERATION_JUMP:
    case OPERATION_JUMP_INDIRECT:
    case OPERATION_CALL:
    case OPERATION_CALL_INDIRECT:
    case OPERATION_RETURN:
    case OPERATION_SYSTEM_CALL:
    case OPERATION_UNSUPPORTED:
        return false;
    default:
        return true;
    }
}
