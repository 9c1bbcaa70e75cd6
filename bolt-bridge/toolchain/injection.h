/*
 * The environment in which a build's compilers use a profile, whatever the build
 * system and also where it was configured long ago: no CFLAGS, which CMake, Meson
 * and autoconf read only once, but what the compilers read themselves.
 *
 *   clang   CCC_OVERRIDE_OPTIONS, which its driver applies to every command line; the
 *           flags are for one architecture (-Xarch_), code for others is left alone
 *   gcc     COMPILER_PATH, where its driver looks for cc1 and cc1plus first: ours
 *           call the real ones with one more flag (wrappers.h)
 *   rustc   RUSTC_WRAPPER, through which cargo calls it (wrappers.h)
 *   go      GOFLAGS, or the file of GOENV where GOFLAGS is not set
 *
 * Nothing that holds without it is lost: what a variable has already stays in it, flags
 * of the build come after ours, so that a profile of its own holds (and is found out), and
 * where setting it would undo a file's settings, the channel that adds to them is used.
 * Caches of C compilers do not see these channels; they are passed by, or told; go, which
 * caches what cgo compiles, has a cache for this build alone.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_INJECTION_H
#define BOLT_BRIDGE_TOOLCHAIN_INJECTION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/compilers.h"

#define INJECTION_ENTRIES 16

/* Begins as {0}. */
struct injection {
    char *entries[INJECTION_ENTRIES + 1]; /* "NAME=VALUE", NULL after the last */
    size_t count;
    char log[PATH_MAX];      /* where compilers note their calls (compile_log.h); empty: nowhere */
    char go_cache[PATH_MAX]; /* of C code that go has compiled; empty: its own */
};

/* All strings are borrowed. */
struct injection_request {
    enum toolchain toolchain;
    const struct compiler_found *compiler;
    const struct compiler_flags *debug_flags; /* both stand before those of the build */
    const struct compiler_flags *use_flags;
    const char *architecture; /* that the program is for, "x86_64" */
    const char *digest;       /* of the profile, hexadecimal digits */
    const char *directory;    /* absolute, for wrappers */
    const char *log;          /* where calls are to be noted; NULL */
};

/*
 * Makes the environment and writes the wrappers that it names.  ERROR_WRITE,
 * ERROR_MEMORY, ERROR_USAGE where the directory's name has what the toolchain
 * cannot take there (blanks, colons, quotes).
 */
bool injection_make(struct injection *injection, const struct injection_request *request,
                    struct error *error);
void injection_free(struct injection *injection);
/* What a build by go has left in the cache that was made for it: its C code has the profile. */
void injection_remove_cache(const struct injection *injection);

#endif
