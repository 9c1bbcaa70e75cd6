/*
 * LLVM's discriminators, which tell code of one source line apart: several numbers in one
 * (llvm/include/llvm/IR/DebugInfoMetadata.h, DILocation::decodeDiscriminator).
 */
#ifndef ANALYZER_BASE_DISCRIMINATOR_H
#define ANALYZER_BASE_DISCRIMINATOR_H

#include <stdint.h>

/* Of a call with a pseudo-probe it is the probe's, which has the first number in it where that is
 * small (llvm/include/llvm/IR/PseudoProbe.h, PseudoProbeDwarfDiscriminator). */
#define DISCRIMINATOR_PROBE 7u /* of three bits */
#define DISCRIMINATOR_PROBE_HAS_BASE (UINT32_C(1) << 28)

/* The first number: which of the blocks of its line the code is in. */
static inline uint32_t discriminator_base(uint32_t discriminator)
{
    if ((discriminator & DISCRIMINATOR_PROBE) == DISCRIMINATOR_PROBE)
        return discriminator & DISCRIMINATOR_PROBE_HAS_BASE ? (discriminator >> 16) & 7 : 0;
    if (discriminator & 1)
        return 0;
    discriminator >>= 1;
    return discriminator & 0x20 ? ((discriminator >> 1) & 0xfe0) | (discriminator & 0x1f)
                                : discriminator & 0x1f;
}

/* The second: how many copies unrolling and vectorising made of the code; 1 and more. */
static inline uint32_t discriminator_copies(uint32_t discriminator)
{
    if ((discriminator & DISCRIMINATOR_PROBE) == DISCRIMINATOR_PROBE)
        return 1;
    uint32_t rest =
        discriminator & 1 ? discriminator >> 1 : discriminator >> (discriminator & 0x40 ? 14 : 7);
    uint32_t number = discriminator_base(rest);
    return number ? number : 1;
}

#endif
