/*
 * The Capstone library (https://www.capstone-engine.org), found and loaded when it is first
 * needed: reading profiles of x86-64 and AArch64 takes none of it.
 */
#ifndef ANALYZER_MODEL_CODE_CAPSTONE_H
#define ANALYZER_MODEL_CODE_CAPSTONE_H

#include <capstone/capstone.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"

/* Its functions, by their names in <capstone/capstone.h>. */
struct capstone {
    unsigned (*version)(int *major, int *minor);
    cs_err (*open)(cs_arch architecture, cs_mode mode, csh *handle);
    cs_err (*close)(csh *handle);
    cs_err (*option)(csh handle, cs_opt_type type, size_t value);
    cs_insn *(*malloc)(csh handle);
    void (*free)(cs_insn *instructions, size_t count);
    bool (*disasm_iter)(csh handle, const uint8_t **code, size_t *size, uint64_t *address,
                        cs_insn *instruction);
    bool (*insn_group)(csh handle, const cs_insn *instruction, unsigned group);
};

/* Code of one machine, and one instruction of it; begins as {0}. */
struct capstone_code {
    const struct capstone *library;
    csh handle;
    cs_insn *instruction; /* what capstone_decode() found last */
};

/*
 * Begins on code of the binary's machine.  ERROR_TOOL_MISSING where the library is not
 * installed, ERROR_MACHINE where it does not know the machine, ERROR_MEMORY.  The caller
 * ends it with capstone_end, also after a failure.
 */
bool capstone_begin(struct capstone_code *code, const struct binary *binary, struct error *error);
void capstone_end(struct capstone_code *code);

/* The instruction at the beginning of the bytes, in code->instruction; false: there is none. */
bool capstone_decode(struct capstone_code *code, uint64_t address, const uint8_t *bytes,
                     size_t size);

#endif
