/*
 * Small shell scripts that stand before a compiler in a build, for those that read
 * no flags from their environment: gcc's cc1 and its like, and rustc.  Each adds the
 * flags, notes the call for compile_log.h, and becomes the real compiler.  Calls that
 * make no code of the program are passed on as they are: other machines' code, what
 * is only preprocessed, build scripts, procedural macros, what build scripts try out.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_WRAPPERS_H
#define BOLT_BRIDGE_TOOLCHAIN_WRAPPERS_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/compilers.h"

/* Names the file where wrappers note their calls; not set: nothing is noted. */
#define WRAPPER_LOG "PGO_BOLT_LOG"
/* And where rustc's finds the digest of the profile, for what cargo depends on. */
#define WRAPPER_PROFILE "PGO_BOLT_PROFILE"

/* All strings are borrowed. */
struct wrapper_request {
    const char *architecture;                 /* that the program is for, "x86_64" */
    const struct compiler_flags *debug_flags; /* both before the arguments of the call */
    const struct compiler_flags *use_flags;
};

/*
 * Writes a wrapper for each of gcc's compilers into a directory that COMPILER_PATH
 * can name.  What COMPILER_PATH says now is where they look for the real ones.
 * ERROR_WRITE.
 */
bool wrappers_write_gcc(const char *directory, const struct wrapper_request *request,
                        struct error *error);

/*
 * Writes a wrapper that RUSTC_WRAPPER can name.  It calls the wrapper that would hold
 * without it: that of RUSTC_WRAPPER now, else what cargo, which it is started by,
 * finds in its own configuration (cargo config get).  ERROR_WRITE.
 */
bool wrappers_write_rustc(const char *path, const struct wrapper_request *request,
                          struct error *error);

#endif
