/*
 * Thunks: instructions whose meaning we do not write down but let the CPU do.
 * The same instruction is encoded again with its memory operand at a scratch
 * place; around it, the registers that it names are loaded from the window's
 * copy and stored back.  What it reads and writes is known, so poison spreads.
 *
 * The code lives in memory mapped twice, writable at one address, executable at
 * another; where the system refuses that there are no thunks, and what would
 * use one becomes poison.  Thunks are made once and never changed or freed.
 */
#ifndef SHIM_CORE_LOOKAHEAD_THUNKS_H
#define SHIM_CORE_LOOKAHEAD_THUNKS_H

#include <stdbool.h>
#include <stdint.h>
#include <Zydis/Zydis.h>

#define THUNK_MEMORY_READ 1u
#define THUNK_MEMORY_WRITE 2u
#define THUNK_MEMORY_MASKED 4u /* elements that a mask leaves out are not touched */

#define THUNK_X87 1u                  /* touches x87 or MMX state */
#define THUNK_LOADS_X87_CONTROL 2u    /* fldcw */
#define THUNK_LOADS_VECTOR_CONTROL 4u /* ldmxcsr */
#define THUNK_STORES_VECTOR_CONTROL 8u

struct thunk {
    const uint8_t *code;
    uint16_t general_read, general_written; /* general registers, a bit each */
    uint32_t low_read, high_read;           /* vector registers: low 128 bits, the rest */
    uint32_t low_written, high_written;     /* what they hold is known afterwards */
    uint32_t vectors_kept;                  /* written in part: unknown stays unknown */
    uint8_t mask_read, mask_written;        /* mask registers */
    uint16_t flags_read;
    uint8_t memory_size; /* bytes; 0: no memory operand */
    uint8_t memory;      /* THUNK_MEMORY_ bits */
    uint8_t state;       /* the state beside the registers: the bits above */
    uint8_t length;      /* of the instruction as encoded again */
    uint8_t instruction[15];
};

struct registers;

/*
 * The thunk for a decoded instruction, made where it is new.  0: there is none
 * (not a vector, mask or bit instruction, or no memory for it).  Signal-safe.
 */
uint32_t thunk_find(const ZydisDecodedInstruction *instruction,
                    const ZydisDecodedOperand *operands);

/* The thunk of that number, which thunk_find returned.  Signal-safe. */
const struct thunk *thunk_get(uint32_t number);

/* Runs it on the registers, whose vectors were taken, and on their scratch memory.  Signal-safe. */
void thunk_run(const struct thunk *thunk, struct registers *registers);

/*
 * Around the thunks of a window: loads the application's MXCSR, and sets ours again.  Where the
 * application wants traps, only its rounding modes are taken, and false is returned.  Signal-safe.
 */
bool thunks_begin(uint32_t application_control);
void thunks_end(void);

/* In a forked child: new thunks go to memory of its own, since the parent still writes to the old.
 */
void thunks_after_fork(void);

#endif
