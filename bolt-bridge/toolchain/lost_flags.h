/*
 * Flags that the recorded program was compiled with and the new one is not, as compilers write
 * them down (producer_flags.h).
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_LOST_FLAGS_H
#define BOLT_BRIDGE_TOOLCHAIN_LOST_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first flag for code (-m…, -f…, -std=…) among those of `recorded` that `made` lacks, both
 * a DW_AT_producer; false: none, or one of them tells no flags.  What a build with a profile
 * changes by intent does not count, nor what tells paths, nor the level of optimisation.
 */
bool lost_flag_find(const char *recorded, const char *made, char *lost, size_t size);

#endif
