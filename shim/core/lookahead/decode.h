/*
 * One machine instruction to one micro-operation.  Signal-safe, no state.
 */
#ifndef SHIM_CORE_LOOKAHEAD_DECODE_H
#define SHIM_CORE_LOOKAHEAD_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/core/lookahead/operation.h"

/*
 * Decodes the instruction at `address`, whose bytes are `bytes` (`size` of them
 * can be read).  Always fills in `operation`, with OPERATION_UNDECODABLE where
 * the bytes are none.  Returns whether control may go on to the next instruction.
 */
bool decode_instruction(const uint8_t *bytes, size_t size, uint64_t address,
                        struct operation *operation);

#endif
