/*
 * Decodes a binary's code one instruction at a time, so that only code with samples in it
 * is looked at.  A binary has one decoder, which remembers what it decoded.
 */
#ifndef ANALYZER_MODEL_CODE_DECODER_H
#define ANALYZER_MODEL_CODE_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/instruction.h"

struct decoder;

/*
 * The binary's decoder, made when it is first asked for; the binary owns it.  NULL with
 * ERROR_MEMORY, ERROR_MACHINE where the instructions of its machine are not known, or
 * ERROR_TOOL_MISSING where they are known to a library that is not installed.
 */
struct decoder *decoder_of(const struct binary *binary, struct error *error);

/* The instruction at a link-time address; false where there is none. */
bool decoder_decode(struct decoder *decoder, uint64_t address, struct instruction *instruction);

/*
 * Whether the last instruction before `address` is a call, as far as bytes can
 * tell: what comes back there from elsewhere is then a return.
 */
bool decoder_follows_call(struct decoder *decoder, uint64_t address);

#endif
