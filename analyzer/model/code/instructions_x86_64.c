#include <elf.h>
#include <stdlib.h>
#include <Zydis/Zydis.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/instruction_set.h"

#define LOCK_PREFIX 0xf0
#define SHORTEST_CALL 2
#define LONGEST_CALL 7

static enum instruction_kind kind_of(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_JMP:
        return INSTRUCTION_JUMP;
    case ZYDIS_MNEMONIC_CALL:
        return INSTRUCTION_CALL;
    case ZYDIS_MNEMONIC_RET:
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ:
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_SYSEXIT:
        return INSTRUCTION_RETURN;
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
        return INSTRUCTION_STOP;
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
        return INSTRUCTION_CONDITIONAL;
    default:
        return INSTRUCTION_OTHER;
    }
}

static void *open_decoder(const struct binary *binary, struct error *error)
{
    ZydisDecoder *decoder = malloc(sizeof(*decoder));
    (void)binary;
    if (!decoder) {
        memory_exhausted(error);
        return NULL;
    }
    ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    /* Length, mnemonic and immediates are all that is asked of it. */
    ZydisDecoderEnableMode(decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
    return decoder;
}

static bool decode(void *state, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction)
{
    ZydisDecodedInstruction decoded;
    /*
     * The C library jumps over lock prefixes, into what is one instruction to
     * Zydis.  To LLVM the prefix is an instruction of its own; here too.
     */
    if (size > 1 && bytes[0] == LOCK_PREFIX) {
        *instruction = (struct instruction){.address = address, .size = 1};
        return true;
    }
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(state, NULL, bytes, size, &decoded)))
        return false;
    *instruction = (struct instruction){
        .address = address, .size = decoded.length, .kind = kind_of(decoded.mnemonic)};
    if (instruction->kind == INSTRUCTION_CONDITIONAL || instruction->kind == INSTRUCTION_JUMP ||
        instruction->kind == INSTRUCTION_CALL) {
        instruction->is_indirect = !decoded.raw.imm[0].is_relative;
        if (!instruction->is_indirect)
            instruction->target = address + decoded.length + (uint64_t)decoded.raw.imm[0].value.s;
    }
    return true;
}

const struct instruction_set instructions_x86_64 = {
    .machine = EM_X86_64,
    .alignment = 1,
    .shortest_call = SHORTEST_CALL,
    .longest_call = LONGEST_CALL,
    .open = open_decoder,
    .close = free,
    .decode = decode,
};
