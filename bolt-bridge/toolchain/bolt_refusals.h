/*
 * What llvm-bolt (16 to 22) refuses, and what mends it: told from the binary beforehand, found
 * out by letting llvm-bolt try, or read from what it said.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_BOLT_REFUSALS_H
#define BOLT_BRIDGE_TOOLCHAIN_BOLT_REFUSALS_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/toolchain/findings.h"

/*
 * Adds a VERDICT_FAIL for each refusal that the binary's tables foretell, besides those that
 * have an error of their own (no symbols, no relocations, rewritten already, another machine).
 * `bolt` may be NULL: only what all versions refuse.  False: the tables cannot be read.
 */
bool bolt_refusals_foresee(const struct binary *binary, const struct bolt *bolt,
                           struct findings *findings, struct error *error);

/*
 * Lets llvm-bolt rewrite the binary as relink would, with hardly a profile and without an
 * output, and adds what came of it.  False where that was interrupted.
 */
bool bolt_refusals_try(const struct binary *binary, const struct bolt *bolt,
                       struct findings *findings, struct error *error);

#endif
