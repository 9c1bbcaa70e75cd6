/*
 * The dumps that a profile of counters needs (docs/ir-profiles.md): the build is run once
 * without a profile, and what it compiles is compiled once more up to where LLVM has put its
 * counters in.  Nothing with counters in it is linked into a program of the build, or run.
 *
 *   clang   the driver notes its jobs; each is done again in its directory, into nothing.  What the
 *           build made is removed then, so that the next build makes it anew.
 *   rustc   cargo builds into a directory of its own (CARGO_TARGET_DIR) through the wrapper.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_DUMPS_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_DUMPS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/debug/compilation.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Makes the dumps in `directory`, which is made anew.  Sets rebuild->plain_seconds.  ERROR_USAGE
 * where there is no build command, or the toolchain is another; ERROR_TOOL_FAILED where the
 * build or all compilations failed; ERROR_WRITE; those of process_run.
 */
bool rebuild_make_dumps(struct rebuild *rebuild, const struct compilation *recorded,
                        const char *directory, struct error *error);

#endif
