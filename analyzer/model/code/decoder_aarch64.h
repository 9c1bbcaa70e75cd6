/*
 * The few AArch64 instructions that branch, by their encodings (Arm Architecture
 * Reference Manual, C4.1, "Branches, Exception Generating and System
 * instructions").  Used by code.c.
 */
#ifndef ANALYZER_MODEL_CODE_DECODER_AARCH64_H
#define ANALYZER_MODEL_CODE_DECODER_AARCH64_H

#include <stddef.h>

#include "analyzer/model/code/decoder.h"

#define AARCH64_BYTES 4 /* of each instruction */

/* As code_decode, of `size` bytes at an address. */
bool aarch64_decode(uint64_t address, const uint8_t *bytes, size_t size,
                    struct instruction *instruction);

#endif
