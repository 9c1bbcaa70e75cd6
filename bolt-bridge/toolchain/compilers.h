/*
 * The compilers that take sample profiles: what each wants, by which flags, and
 * which flags the recorded release must have been built with.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COMPILERS_H
#define BOLT_BRIDGE_TOOLCHAIN_COMPILERS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "analyzer/model/debug/compilation.h"

enum toolchain { TOOLCHAIN_AUTO, TOOLCHAIN_CLANG, TOOLCHAIN_RUSTC, TOOLCHAIN_GCC, TOOLCHAIN_GO };
#define TOOLCHAINS 5

/* "auto", "clang", "rustc", "gcc", "go". */
const char *toolchain_name(enum toolchain toolchain);
/* The one that uses profiles for a compiler's code; TOOLCHAIN_AUTO: none does. */
enum toolchain toolchain_of(enum compiler compiler);
enum compiler toolchain_compiler(enum toolchain toolchain);

/* A compiler on this machine. */
struct compiler_found {
    char path[PATH_MAX];
    unsigned version;       /* the first number: of LLVM for rustc, 26 of go1.26 for Go */
    unsigned llvm_version;  /* of clang and rustc, else 0 */
    bool has_stable_option; /* rustc: takes the profile without -Z */
};

/*
 * The one that a build finds: that of CC, RUSTC, or in PATH; clang also as
 * clang-N, `version` first (0: the newest).  ERROR_TOOL_MISSING, ERROR_TOOL_FAILED.
 */
bool compiler_find(enum toolchain toolchain, unsigned version, struct compiler_found *found,
                   struct error *error);

/* Flags for the compiler, a word each: for C compilers, rustc or go build. */
#define COMPILER_FLAGS_MAX 5
#define CLANG_PROBES "-fpseudo-probe-for-profiling"
#define CLANG_NO_PROBES "-fno-pseudo-probe-for-profiling"
struct compiler_flags {
    char words[COMPILER_FLAGS_MAX][PATH_MAX + 64];
    size_t count;
};

/* Those that a release should have that will be recorded.  Static. */
const char *compiler_release_flags(enum toolchain toolchain);
/* And what else that release needs, a sentence or NULL.  Static. */
const char *compiler_release_advice(enum toolchain toolchain);

/* The same with those that better the profile, but change the release's code a little. */
const char *compiler_best_flags(enum toolchain toolchain);
const char *compiler_best_advice(enum toolchain toolchain);

/* The same of linking it so that BOLT can relink it. */
const char *compiler_link_flags(enum toolchain toolchain);
const char *compiler_link_advice(enum toolchain toolchain);

/*
 * Those that the build with a profile has: `recorded` is how the recorded binary
 * was compiled, since both have to describe code alike.  The debug flags go
 * before the build's own, which may say more; those of use, with the path of the
 * profile, behind them.  `by_lines`: the profile is, whatever the recorded binary has.
 */
void compiler_debug_flags(enum toolchain toolchain, const struct compilation *recorded,
                          struct compiler_flags *flags);
void compiler_use_flags(enum toolchain toolchain, const struct compiler_found *compiler,
                        const char *profile, const struct compilation *recorded, bool by_lines,
                        struct compiler_flags *flags);

/*
 * Those of a profile of counters (-fprofile-use), the debug flags beside them, and those with which
 * the compiler dumps its modules for one into `directory`, which clang writes to standard error
 * instead.
 */
void compiler_counter_debug_flags(enum toolchain toolchain, const struct compilation *recorded,
                                  struct compiler_flags *flags);
void compiler_counter_flags(enum toolchain toolchain, const char *profile,
                            const struct compilation *recorded, struct compiler_flags *flags);
void compiler_dump_flags(enum toolchain toolchain, const struct compilation *recorded,
                         const char *directory, struct compiler_flags *flags);

/* The writer of its profiles (analyzer/write) for that version, and their suffix. */
const char *compiler_format(enum toolchain toolchain, unsigned version);

#endif
