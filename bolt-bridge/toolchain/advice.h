/*
 * What a recorded binary, the compiler that will use its profile, and the machine
 * that records lack for profile-guided builds, each with the line to change.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_ADVICE_H
#define BOLT_BRIDGE_TOOLCHAIN_ADVICE_H

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/compilation.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/toolchain/findings.h"

/* The toolchain that made most of the code; TOOLCHAIN_AUTO: none that takes profiles. */
enum toolchain advice_toolchain(const struct compilation *compilation);

/*
 * Whether profiles of this binary can be made into what the toolchain wants, and
 * how much will match.  `compiler` is the one that will use them, or NULL.
 */
void advice_on_binary(const struct binary *binary, const struct compilation *compilation,
                      enum toolchain toolchain, const struct compiler_found *compiler,
                      struct findings *findings);

/* Whether programs can be recorded here: perf_event_paranoid, seccomp. */
void advice_on_machine(struct findings *findings);

#endif
