/*
 * Which flags of `pgo-bolt flags` a binary was compiled without, as far as its compiler has
 * written its flags down (producer_flags.h).
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_RECORDED_FLAGS_H
#define BOLT_BRIDGE_TOOLCHAIN_RECORDED_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/model/debug/compilation.h"

struct recorded_flags {
    char missing[512]; /* in order, each but once, as on a command line; empty: none is */
    /* Bytes of code, or where only .GCC.command.line tells, commands: */
    uint64_t all, told, lacking; /* of `all` the flags of `told` are known, `lacking` lacks some */
    bool by_commands;
    bool is_for_linker; /* -flto: the linker makes the code, and its flags are not written down */
};

/* `wanted` are flags as on a command line.  Those for debug information (-g…) are passed over: the
 * debug information itself tells of them. */
void recorded_flags_read(const struct compilation *compilation, enum compiler compiler,
                         const char *wanted, struct recorded_flags *found);

#endif
