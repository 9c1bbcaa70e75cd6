#include "analyzer/model/code.h"

#include <capstone/capstone.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"

#define LOCK_PREFIX 0xf0
#define LONGEST_CALL 7
#define SHORTEST_CALL 2

struct code {
    const struct binary *binary;
    csh handle;
    cs_insn *decoded; /* room for one */
};

struct code *code_new(const struct binary *binary, struct error *error)
{
    struct code *code = calloc(1, sizeof(*code));
    if (!code) {
        memory_exhausted(error);
        return NULL;
    }
    code->binary = binary;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &code->handle) == CS_ERR_OK)
        code->decoded = cs_malloc(code->handle);
    if (!code->decoded) {
        memory_exhausted(error);
        code_free(code);
        return NULL;
    }
    return code;
}

void code_free(struct code *code)
{
    if (!code)
        return;
    if (code->decoded)
        cs_free(code->decoded, 1);
    if (code->handle)
        cs_close(&code->handle);
    free(code);
}

static enum code_kind kind_of(unsigned id)
{
    switch (id) {
    case X86_INS_JMP:
    case X86_INS_LJMP:
        return CODE_JUMP;
    case X86_INS_CALL:
    case X86_INS_LCALL:
        return CODE_CALL;
    case X86_INS_RET:
    case X86_INS_RETF:
    case X86_INS_RETFQ:
    case X86_INS_IRET:
    case X86_INS_IRETD:
    case X86_INS_IRETQ:
    case X86_INS_SYSRET:
    case X86_INS_SYSEXIT:
        return CODE_RETURN;
    case X86_INS_HLT:
    case X86_INS_INT3:
    case X86_INS_UD2:
    case X86_INS_UD2B:
        return CODE_STOP;
    case X86_INS_JAE:
    case X86_INS_JA:
    case X86_INS_JBE:
    case X86_INS_JB:
    case X86_INS_JCXZ:
    case X86_INS_JECXZ:
    case X86_INS_JRCXZ:
    case X86_INS_JE:
    case X86_INS_JGE:
    case X86_INS_JG:
    case X86_INS_JLE:
    case X86_INS_JL:
    case X86_INS_JNE:
    case X86_INS_JNO:
    case X86_INS_JNP:
    case X86_INS_JNS:
    case X86_INS_JO:
    case X86_INS_JP:
    case X86_INS_JS:
    case X86_INS_LOOP:
    case X86_INS_LOOPE:
    case X86_INS_LOOPNE:
    case X86_INS_XBEGIN:
        return CODE_CONDITIONAL;
    default:
        return CODE_OTHER;
    }
}

static bool decode(struct code *code, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction)
{
    if (!bytes)
        return false;
    /*
     * The C library jumps over lock prefixes, into what is one instruction to
     * Capstone.  To LLVM the prefix is an instruction of its own; here too.
     */
    if (size > 1 && bytes[0] == LOCK_PREFIX) {
        *instruction = (struct instruction){.address = address, .size = 1};
        return true;
    }
    if (!cs_disasm_iter(code->handle, &bytes, &size, &address, code->decoded))
        return false;
    const cs_insn *decoded = code->decoded;
    *instruction = (struct instruction){
        .address = decoded->address, .size = (uint8_t)decoded->size, .kind = kind_of(decoded->id)};
    if (instruction->kind == CODE_CONDITIONAL || instruction->kind == CODE_JUMP ||
        instruction->kind == CODE_CALL) {
        char *end;
        /* A direct target is the only operand, and printed as a number alone. */
        instruction->target = strtoull(decoded->op_str, &end, 0);
        instruction->is_indirect = end == decoded->op_str || *end != '\0';
        if (instruction->is_indirect)
            instruction->target = 0;
    }
    return true;
}

bool code_decode(struct code *code, uint64_t address, struct instruction *instruction)
{
    size_t size;
    const uint8_t *bytes = binary_code_at(code->binary, address, &size);
    return decode(code, address, bytes, size, instruction);
}

bool code_follows_call(struct code *code, uint64_t address)
{
    for (uint64_t back = SHORTEST_CALL; back <= LONGEST_CALL && back <= address; back++) {
        struct instruction instruction;
        if (code_decode(code, address - back, &instruction) && instruction.size == back &&
            instruction.kind == CODE_CALL)
            return true;
    }
    return false;
}
