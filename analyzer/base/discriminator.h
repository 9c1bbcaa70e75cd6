/*
 * LLVM's discriminators, which tell code of one source line apart: several numbers in one
 * (llvm/include/llvm/IR/DebugInfoMetadata.h, DILocation::decodeDiscriminator).
 */
#ifndef ANALYZER_BASE_DISCRIMINATOR_H
#define ANALYZER_BASE_DISCRIMINATOR_H

#include <stdint.h>

/* The first number: which of the blocks of its line the code is in. */
static inline uint32_t discriminator_base(uint32_t discriminator)
{
    if (discriminator & 1)
        return 0;
    discriminator >>= 1;
    return discriminator & 0x20 ? ((discriminator >> 1) & 0xfe0) | (discriminator & 0x1f)
                                : discriminator & 0x1f;
}

/* The second: how many copies unrolling and vectorising made of the code; 1 and more. */
static inline uint32_t discriminator_copies(uint32_t discriminator)
{
    uint32_t rest =
        discriminator & 1 ? discriminator >> 1 : discriminator >> (discriminator & 0x40 ? 14 : 7);
    uint32_t number = discriminator_base(rest);
    return number ? number : 1;
}

#endif
