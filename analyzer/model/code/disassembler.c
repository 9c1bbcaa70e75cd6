#include "analyzer/model/code/disassembler.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/code/capstone.h"

struct disassembler {
    const struct binary *binary;
    struct capstone_code code;
};

struct disassembler *disassembler_new(const struct binary *binary, struct error *error)
{
    struct disassembler *disassembler = calloc(1, sizeof(*disassembler));
    if (!disassembler) {
        memory_exhausted(error);
        return NULL;
    }
    disassembler->binary = binary;
    if (capstone_begin(&disassembler->code, binary, error))
        return disassembler;
    disassembler_free(disassembler);
    return NULL;
}

void disassembler_free(struct disassembler *disassembler)
{
    if (!disassembler)
        return;
    capstone_end(&disassembler->code);
    free(disassembler);
}

size_t disassembler_text(struct disassembler *disassembler, uint64_t address,
                         char text[DISASSEMBLER_TEXT])
{
    size_t size;
    const uint8_t *bytes = binary_code_at(disassembler->binary, address, &size);
    *text = '\0';
    if (!bytes || !capstone_decode(&disassembler->code, address, bytes, size))
        return 0;
    const cs_insn *instruction = disassembler->code.instruction;
    snprintf(text, DISASSEMBLER_TEXT, "%s%s%s", instruction->mnemonic,
             *instruction->op_str ? " " : "", instruction->op_str);
    return instruction->size;
}
