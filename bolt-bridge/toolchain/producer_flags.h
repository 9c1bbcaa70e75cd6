/*
 * Flags as compilers write them down: behind the name of the compiler in DW_AT_producer (gcc
 * always, clang with -grecord-command-line), and in .GCC.command.line (-frecord-command-line).
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_PRODUCER_FLAGS_H
#define BOLT_BRIDGE_TOOLCHAIN_PRODUCER_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there are any: without, nothing is known of them. */
bool producer_tells_flags(const char *producer);

/* The last word of it that is `flag`, of `size` bytes; NULL: there is none. */
const char *producer_find_flag(const char *producer, const char *flag, size_t size);

/* Whether `flag` is in force: -fNAME unless -fno-NAME comes later. */
bool producer_has_flag(const char *producer, const char *flag, size_t size);

#endif
