/*
 * Vector, mask and x87 registers, x86's extended state: where the kernel saved it in
 * the signal frame, and the copy that a window works on.
 * Source of the layout: Intel SDM volume 1, chapter 13 (standard format), and
 * <asm/sigcontext.h>.
 */
#ifndef SHIM_CORE_LOOKAHEAD_VECTORS_H
#define SHIM_CORE_LOOKAHEAD_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#define VECTOR_COUNT 32
#define VECTOR_SIZE 64
#define MASK_COUNT 8

/* How wide the vector registers of this machine are. */
enum vector_width {
    VECTOR_WIDTH_128, /* SSE */
    VECTOR_WIDTH_256, /* AVX */
    VECTOR_WIDTH_512, /* AVX-512 with byte and word instructions, and masks */
};

struct vectors {
    uint8_t bytes[VECTOR_COUNT][VECTOR_SIZE] __attribute__((aligned(64)));
    uint64_t masks[MASK_COUNT];
    uint8_t scratch[VECTOR_SIZE] __attribute__((aligned(64))); /* memory operand of a thunk */
    uint32_t low_poison;  /* a bit a register: its low 128 bits are unknown */
    uint32_t high_poison; /* the rest of it is */
    uint8_t mask_poison;
    bool taken;         /* the copy was made in this window */
    bool control_known; /* MXCSR is the application's */
    bool x87_taken;     /* the application's x87 state is in the CPU */
    bool x87_poison;    /* it is not known (any more) */
    const void *frame;  /* the signal frame's extended state; NULL: none */
};

/* Finds out what this CPU has.  Once, outside handlers. */
void vectors_start(void);

/* The registers of this CPU, after vectors_start.  Signal-safe. */
enum vector_width vectors_width(void);

/* For a new window: the registers are copied when the first one is needed. */
static inline void vectors_begin(struct vectors *vectors, const void *frame)
{
    vectors->taken = vectors->x87_taken = vectors->x87_poison = false;
    vectors->frame = frame;
}

/*
 * Loads the application's x87 state into the CPU, where thunks work on it until
 * x87_end: our own code never touches it, and the kernel puts the application's
 * back.  It is poison where the application wants traps.  Both are signal-safe.
 */
void x87_take(struct vectors *vectors);
void x87_end(struct vectors *vectors);

/* Bits of MXCSR. */
#define VECTOR_TRAPS_MASKED 0x1f80u
#define VECTOR_MODES 0xe040u /* rounding, flush to zero, denormals are zero */

/* Whether MXCSR, or an x87 control word, masks all traps. */
static inline bool vector_control_is_quiet(uint32_t control)
{
    return (control & VECTOR_TRAPS_MASKED) == VECTOR_TRAPS_MASKED;
}

static inline bool x87_control_is_quiet(uint16_t control)
{
    return (control & 0x3f) == 0x3f;
}

/* Copies them out of the frame; all are unknown where there is none.  Signal-safe. */
void vectors_take(struct vectors *vectors);

#endif
