/*
 * The seam between machines: what the analyzer has to know of a machine's instructions.
 * decoder.c has the list of all sets.
 */
#ifndef ANALYZER_MODEL_CODE_INSTRUCTION_SET_H
#define ANALYZER_MODEL_CODE_INSTRUCTION_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/instruction.h"

struct instruction_set {
    uint16_t machine;                    /* ELF's number: EM_X86_64 … */
    uint8_t alignment;                   /* instructions begin at multiples of it, in bytes */
    uint8_t shortest_call, longest_call; /* in bytes */
    /*
     * What decoding needs to remember, or NULL with the reason in `error`; the caller ends it
     * with `close`.  Where `open` is NULL, nothing is needed.
     */
    void *(*open)(const struct binary *binary, struct error *error);
    void (*close)(void *state);
    /*
     * Decodes the instruction at the beginning of `size` bytes of code, of which there is
     * at least one; false where there is none.  The address is that of the first byte and
     * aligned.
     */
    bool (*decode)(void *state, uint64_t address, const uint8_t *bytes, size_t size,
                   struct instruction *instruction);
};

/* By Zydis. */
extern const struct instruction_set instructions_x86_64;

/*
 * By the encodings of the few instructions that branch (Arm Architecture Reference Manual,
 * C4.1, "Branches, Exception Generating and System instructions").
 */
extern const struct instruction_set instructions_aarch64;

/*
 * Of any other machine, by Capstone; NULL where the control flow of its instructions is not
 * known here.  Thumb code of 32-bit Arm is not told apart from other code, and a branch of
 * MIPS ends before the instruction in its delay slot.
 */
const struct instruction_set *instructions_by_capstone(uint16_t machine);

#endif
