/*
 * The instructions of a binary's functions in their order, decoded function by function
 * when they are first asked for: what is before another one, and where straight runs must
 * end.
 */
#ifndef ANALYZER_MODEL_CODE_FUNCTION_INSTRUCTIONS_H
#define ANALYZER_MODEL_CODE_FUNCTION_INSTRUCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/decoder.h"

struct function_instructions;

/* The binary must outlive them; NULL with ERROR_MEMORY.  Free takes NULL. */
struct function_instructions *function_instructions_new(const struct binary *binary,
                                                        struct error *error);
void function_instructions_free(struct function_instructions *instructions);

/*
 * The instruction that begins at the address, or the one before that address; NULL
 * where no function has one.  Entries of the procedure linkage table are no
 * functions.  A pointer is good until the next call.
 */
const struct instruction *function_instructions_at(struct function_instructions *instructions,
                                                   uint64_t address);
const struct instruction *function_instructions_before(struct function_instructions *instructions,
                                                       uint64_t address);

/* Whether a straight run leads from the instruction at `start` to the one at `end`. */
bool function_instructions_are_straight(struct function_instructions *instructions, uint64_t start,
                                        uint64_t end);

/* Whether memory ran out at any time, when what was asked for seemed not to be there. */
bool function_instructions_failed(const struct function_instructions *instructions);

#endif
