/*
 * What instructions do to the flow of control, of x86-64 through Zydis
 * and of AArch64.  Decodes one instruction at a time, so that only code with
 * samples in it is looked at.
 * Used by flow.c, by writers and by `report`.
 */
#ifndef ANALYZER_MODEL_CODE_DECODER_H
#define ANALYZER_MODEL_CODE_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

enum code_kind {
    CODE_OTHER,       /* goes on with the next instruction */
    CODE_CONDITIONAL, /* conditional branch */
    CODE_JUMP,        /* unconditional branch */
    CODE_CALL,
    CODE_RETURN,
    CODE_STOP, /* never goes on: ud2, hlt, int3 */
};

struct instruction {
    uint64_t address;
    uint8_t size; /* bytes */
    enum code_kind kind;
    bool is_indirect; /* a jump or call whose target is not in the instruction */
    uint64_t target;  /* of a direct branch or call */
};

struct code;

/* A decoder for the binary, which must outlive it; NULL with ERROR_MEMORY.  Free takes NULL. */
struct code *code_new(const struct binary *binary, struct error *error);
void code_free(struct code *code);

/* The instruction at a link-time address; false where there is none. */
bool code_decode(struct code *code, uint64_t address, struct instruction *instruction);

/*
 * Whether the last instruction before `address` is a call, as far as bytes can
 * tell: what comes back there from elsewhere is then a return.
 */
bool code_follows_call(struct code *code, uint64_t address);

/* What goes on with the next instruction, or may. */
static inline bool code_falls_through(const struct instruction *instruction)
{
    return instruction->kind != CODE_JUMP && instruction->kind != CODE_RETURN &&
           instruction->kind != CODE_STOP;
}

#endif
