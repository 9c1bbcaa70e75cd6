/*
 * Vector and mask registers, x86's extended state: where the kernel saved it in
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
    bool taken;        /* the copy was made in this window */
    const void *frame; /* the signal frame's extended state; NULL: none */
};

/* Looks what this CPU has.  Once, outside handlers. */
void vectors_start(void);

enum vector_width vectors_width(void);

/* For a new window: the registers are copied when the first one is needed. */
static inline void vectors_begin(struct vectors *vectors, const void *frame)
{
    vectors->taken = false;
    vectors->frame = frame;
}

/* Copies them out of the frame; all are unknown where there is none.  Signal-safe. */
void vectors_take(struct vectors *vectors);

#endif
