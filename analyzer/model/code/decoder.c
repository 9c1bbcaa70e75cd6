#include "analyzer/model/code/decoder.h"

#include <elf.h>
#include <stdlib.h>
#include <Zydis/Zydis.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/decoder_aarch64.h"

#define LOCK_PREFIX 0xf0
#define LONGEST_CALL 7
#define SHORTEST_CALL 2

/* Instructions that are kept, a power of two: code is gone through by several that ask. */
#define KEPT 16384

struct code {
    const struct binary *binary;
    bool is_aarch64;
    ZydisDecoder decoder;          /* of x86-64 */
    struct instruction kept[KEPT]; /* by the low bits of the address; size 0: none */
};

struct code *code_new(const struct binary *binary, struct error *error)
{
    struct code *code = calloc(1, sizeof(*code));
    if (!code) {
        memory_exhausted(error);
        return NULL;
    }
    code->binary = binary;
    code->is_aarch64 = binary_machine(binary) == EM_AARCH64;
    ZydisDecoderInit(&code->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    /* Length, mnemonic and immediates are all that is asked of it. */
    ZydisDecoderEnableMode(&code->decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
    return code;
}

void code_free(struct code *code)
{
    free(code);
}

static enum code_kind kind_of(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_JMP:
        return CODE_JUMP;
    case ZYDIS_MNEMONIC_CALL:
        return CODE_CALL;
    case ZYDIS_MNEMONIC_RET:
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ:
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_SYSEXIT:
        return CODE_RETURN;
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
        return CODE_STOP;
    case ZYDIS_MNEMONIC_JNB:
    case ZYDIS_MNEMONIC_JNBE:
    case ZYDIS_MNEMONIC_JBE:
    case ZYDIS_MNEMONIC_JB:
    case ZYDIS_MNEMONIC_JCXZ:
    case ZYDIS_MNEMONIC_JECXZ:
    case ZYDIS_MNEMONIC_JRCXZ:
    case ZYDIS_MNEMONIC_JZ:
    case ZYDIS_MNEMONIC_JNL:
    case ZYDIS_MNEMONIC_JNLE:
    case ZYDIS_MNEMONIC_JLE:
    case ZYDIS_MNEMONIC_JL:
    case ZYDIS_MNEMONIC_JNZ:
    case ZYDIS_MNEMONIC_JNO:
    case ZYDIS_MNEMONIC_JNP:
    case ZYDIS_MNEMONIC_JNS:
    case ZYDIS_MNEMONIC_JO:
    case ZYDIS_MNEMONIC_JP:
    case ZYDIS_MNEMONIC_JS:
    case ZYDIS_MNEMONIC_LOOP:
    case ZYDIS_MNEMONIC_LOOPE:
    case ZYDIS_MNEMONIC_LOOPNE:
    case ZYDIS_MNEMONIC_XBEGIN:
        return CODE_CONDITIONAL;
    default:
        return CODE_OTHER;
    }
}

static bool decode(struct code *code, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction)
{
    ZydisDecodedInstruction decoded;
    if (code->is_aarch64)
        return aarch64_decode(address, bytes, size, instruction);
    if (!bytes)
        return false;
    /*
     * The C library jumps over lock prefixes, into what is one instruction to
     * Zydis.  To LLVM the prefix is an instruction of its own; here too.
     */
    if (size > 1 && bytes[0] == LOCK_PREFIX) {
        *instruction = (struct instruction){.address = address, .size = 1};
        return true;
    }
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&code->decoder, NULL, bytes, size, &decoded)))
        return false;
    *instruction = (struct instruction){
        .address = address, .size = decoded.length, .kind = kind_of(decoded.mnemonic)};
    if (instruction->kind == CODE_CONDITIONAL || instruction->kind == CODE_JUMP ||
        instruction->kind == CODE_CALL) {
        instruction->is_indirect = !decoded.raw.imm[0].is_relative;
        if (!instruction->is_indirect)
            instruction->target = address + decoded.length + (uint64_t)decoded.raw.imm[0].value.s;
    }
    return true;
}

bool code_decode(struct code *code, uint64_t address, struct instruction *instruction)
{
    size_t size;
    struct instruction *kept = &code->kept[address % KEPT];
    if (kept->size == 0 || kept->address != address) {
        const uint8_t *bytes = binary_code_at(code->binary, address, &size);
        struct instruction decoded;
        if (!decode(code, address, bytes, size, &decoded))
            return false;
        *kept = decoded;
    }
    *instruction = *kept;
    return true;
}

bool code_follows_call(struct code *code, uint64_t address)
{
    uint64_t shortest = code->is_aarch64 ? AARCH64_BYTES : SHORTEST_CALL;
    uint64_t longest = code->is_aarch64 ? AARCH64_BYTES : LONGEST_CALL;
    for (uint64_t back = shortest; back <= longest && back <= address; back++) {
        struct instruction instruction;
        if (code_decode(code, address - back, &instruction) && instruction.size == back &&
            instruction.kind == CODE_CALL)
            return true;
    }
    return false;
}
