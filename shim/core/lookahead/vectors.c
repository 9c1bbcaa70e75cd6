#include "shim/core/lookahead/vectors.h"

#include <cpuid.h>
#include <string.h>

#define FRAME_VECTORS 160  /* xmm0 to xmm15 in the FXSAVE part */
#define FRAME_SOFTWARE 464 /* struct _fpx_sw_bytes: what else the kernel saved */
#define FRAME_HEADER 512   /* XSTATE_BV: which components are not in their initial state */
#define FRAME_MAGIC 0x46505853u

#define COMPONENT_AVX 2
#define COMPONENT_MASKS 5
#define COMPONENT_UPPER_256 6 /* upper halves of zmm0 to zmm15 */
#define COMPONENT_UPPER_16 7  /* zmm16 to zmm31 */
#define COMPONENTS_AVX512 (UINT64_C(7) << COMPONENT_MASKS)

#define FRAME_LEGACY_SIZE 512 /* what FXRSTOR loads */
#define FRAME_CONTROL 0       /* x87 control word */
#define FRAME_VECTOR_CONTROL 24

static enum vector_width width;
static uint32_t offsets[COMPONENT_UPPER_16 + 1]; /* of components in the frame */

enum vector_width vectors_width(void)
{
    return width;
}

static uint64_t enabled_components(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

void vectors_start(void)
{
    uint32_t a, b, c, d;
    uint64_t enabled;

    width = VECTOR_WIDTH_128;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return;
    enabled = enabled_components();
    for (uint32_t i = COMPONENT_AVX; i <= COMPONENT_UPPER_16; i++) {
        __cpuid_count(0xd, i, a, b, c, d);
        offsets[i] = b;
    }
    if (!(enabled & 1 << COMPONENT_AVX))
        return;
    width = VECTOR_WIDTH_256;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_AVX512F && b & bit_AVX512BW &&
        (enabled & COMPONENTS_AVX512) == COMPONENTS_AVX512)
        width = VECTOR_WIDTH_512;
}

/* A component of the frame; NULL: it is in its initial state, all zeros. */
static const uint8_t *component(const uint8_t *frame, uint64_t present, int number)
{
    return present >> number & 1 ? frame + offsets[number] : NULL;
}

static void take_upper(struct vectors *vectors, const uint8_t *frame, uint64_t present)
{
    const uint8_t *avx = component(frame, present, COMPONENT_AVX);
    const uint8_t *upper = component(frame, present, COMPONENT_UPPER_256);
    const uint8_t *others = component(frame, present, COMPONENT_UPPER_16);
    const uint8_t *masks = component(frame, present, COMPONENT_MASKS);

    for (unsigned i = 0; i < 16; i++) {
        if (avx)
            memcpy(vectors->bytes[i] + 16, avx + i * 16, 16);
        if (upper)
            memcpy(vectors->bytes[i] + 32, upper + i * 32, 32);
    }
    if (others)
        memcpy(vectors->bytes[16], others, 16u * VECTOR_SIZE);
    if (masks)
        memcpy(vectors->masks, masks, sizeof(vectors->masks));
}

void vectors_take(struct vectors *vectors)
{
    const uint8_t *frame = vectors->frame;
    uint32_t magic;
    uint64_t present;

    vectors->taken = true;
    vectors->low_poison = vectors->high_poison = frame ? 0 : UINT32_MAX;
    vectors->mask_poison = frame ? 0 : UINT8_MAX;
    if (!frame)
        return;
    memset(vectors->bytes, 0, sizeof(vectors->bytes));
    memset(vectors->masks, 0, sizeof(vectors->masks));
    for (unsigned i = 0; i < 16; i++)
        memcpy(vectors->bytes[i], frame + FRAME_VECTORS + i * 16ul, 16);
    memcpy(&magic, frame + FRAME_SOFTWARE, sizeof(magic));
    if (magic != FRAME_MAGIC) { /* the kernel saved no more than this */
        vectors->high_poison = UINT32_MAX;
        vectors->mask_poison = UINT8_MAX;
        return;
    }
    memcpy(&present, frame + FRAME_HEADER, sizeof(present));
    if (width != VECTOR_WIDTH_128)
        take_upper(vectors, frame, present);
}

void x87_take(struct vectors *vectors)
{
    uint8_t state[FRAME_LEGACY_SIZE] __attribute__((aligned(16)));
    uint16_t control;
    uint32_t vector_control;

    vectors->x87_taken = true;
    if (!vectors->frame) {
        vectors->x87_poison = true;
        return;
    }
    memcpy(state, vectors->frame, sizeof(state));
    memcpy(&control, state + FRAME_CONTROL, sizeof(control));
    if (!x87_control_is_quiet(control)) {
        vectors->x87_poison = true;
        return;
    }
    /* FXRSTOR loads this as well: it stays as the window has it. */
    __asm__ volatile("stmxcsr %0" : "=m"(vector_control));
    memcpy(state + FRAME_VECTOR_CONTROL, &vector_control, sizeof(vector_control));
    __asm__ volatile("fxrstor %0"
                     :
                     : "m"(state)
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

void x87_end(struct vectors *vectors)
{
    if (vectors->x87_taken)
        __asm__ volatile("fninit");
}
