/*
 * The environment in which a build's compilers use a profile, whatever the build
 * system and also where it was configured long ago: no CFLAGS, which CMake, Meson
 * and autoconf read only once, but what the compilers read themselves.
 *
 *   clang   CCC_OVERRIDE_OPTIONS, which its driver applies to every command line
 *   gcc     COMPILER_PATH, where its driver looks for cc1 and cc1plus first: ours
 *           call the real ones with one more flag
 *   rustc   RUSTC_WRAPPER, through which cargo calls it; build scripts and procedural
 *           macros are left alone, and so is what build scripts try out
 *   go      GOFLAGS
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_INJECTION_H
#define BOLT_BRIDGE_TOOLCHAIN_INJECTION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/toolchain/compilers.h"

#define INJECTION_ENTRIES 8

/* Begins as {0}. */
struct injection {
    char *entries[INJECTION_ENTRIES + 1]; /* "NAME=VALUE", NULL after the last */
    size_t count;
    char log[PATH_MAX]; /* what the compilers were called with; empty: nothing is noted */
};

/* All strings are borrowed. */
struct injection_request {
    enum toolchain toolchain;
    const struct compiler_found *compiler;
    const struct compiler_flags *debug_flags; /* before those of the build */
    const struct compiler_flags *use_flags;   /* after them */
    const char *profile;                      /* absolute */
    const char *result;                       /* what the build makes */
    const char *directory;                    /* absolute, for wrappers */
    const char *log;                          /* where calls are to be noted; NULL */
};

/*
 * Makes the environment and writes the wrappers that it names.  ERROR_WRITE,
 * ERROR_MEMORY, ERROR_USAGE where the profile's path has blanks and the
 * toolchain cannot take that.
 */
bool injection_make(struct injection *injection, const struct injection_request *request,
                    struct error *error);
void injection_free(struct injection *injection);

/* How often the compiler ran, and with the profile; false where nothing was noted. */
bool injection_read_log(const struct injection *injection, uint64_t *runs, uint64_t *with_profile);

/* Reads one line of the log, for injection_read_log and its tests. */
void injection_read_line(const char *line, uint64_t *runs, uint64_t *with_profile);

#endif
