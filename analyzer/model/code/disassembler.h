/*
 * Instructions as people read them, of any machine that Capstone knows.  Counts do not depend
 * on it: decoder.h decodes for those.
 */
#ifndef ANALYZER_MODEL_CODE_DISASSEMBLER_H
#define ANALYZER_MODEL_CODE_DISASSEMBLER_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

struct disassembler;

/* Longer texts are cut. */
#define DISASSEMBLER_TEXT 192

/*
 * Of a binary, which must outlive it.  NULL with ERROR_TOOL_MISSING where the Capstone library
 * is not installed, ERROR_MACHINE where it does not know the machine, or ERROR_MEMORY.  Free
 * takes NULL.
 */
struct disassembler *disassembler_new(const struct binary *binary, struct error *error);
void disassembler_free(struct disassembler *disassembler);

/*
 * The instruction at a link-time address, "mov eax, dword ptr [rbx + 8]"; addresses in it are
 * link-time addresses too, in hexadecimal.  Returns its size in bytes; 0 with an empty text
 * where there is none.
 */
size_t disassembler_text(struct disassembler *disassembler, uint64_t address,
                         char text[DISASSEMBLER_TEXT]);

#endif
