/*
 * What compilers say of the functions that they compiled with the profile: whether they took
 * counts of it for a function, which they do not where its code or name is another.
 *   - gcc: its table of functions (-fdump-ipa-whole-program), which the wrapper keeps;
 *   - rustc: LLVM's remarks (-Zremark-dir), which each of its calls writes;
 *   - clang, whose driver cannot be told a file for each call: the noted command is run once
 *     more, for the remarks alone.  Only those of the sources with most counts.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COMPILER_EVIDENCE_H
#define BOLT_BRIDGE_TOOLCHAIN_COMPILER_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "bolt-bridge/toolchain/compile_log.h"
#include "bolt-bridge/toolchain/compilers.h"

/* Behind the name of the log: the directory for gcc's tables and rustc's remarks. */
#define EVIDENCE_DIRECTORY ".evidence"
/* The pass of LLVM that says so; of clang all that begin like it, since 16 has counts of probes by
 * another name. */
#define EVIDENCE_PASS "sample-profile-impl"
#define EVIDENCE_PASSES "^sample-profile"

/* Commands of clang's that are run again. */
#define EVIDENCE_ASKED_MOST 16

enum evidence_answer {
    EVIDENCE_UNTOLD,  /* the compiler says nothing of it */
    EVIDENCE_NOTHING, /* it knows the function, and took no counts for it */
    EVIDENCE_COUNTS,
};

struct evidence_asked {
    long line; /* of the log, with the command */
    bool has_answered;
};

/* Begins as {0}. */
struct compiler_evidence {
    enum toolchain toolchain;
    const char *log;             /* its path; borrowed */
    struct names counted, known; /* functions without what compilers add to their names */
    struct evidence_asked asked[EVIDENCE_ASKED_MOST];
    size_t asked_count;
    bool has_remarks;
};

/*
 * Removes what an earlier build left, and makes the directory, without which nothing is kept, if it
 * is wanted.  ERROR_WRITE.
 */
bool compiler_evidence_prepare(const char *log, bool is_wanted, struct error *error);

/* Reads what the build left; the caller frees it also after a failure: ERROR_MEMORY. */
bool compiler_evidence_open(struct compiler_evidence *evidence, enum toolchain toolchain,
                            const char *log, struct error *error);
void compiler_evidence_free(struct compiler_evidence *evidence);

/*
 * What is said of a function whose source has these notes; asks clang where it has not
 * been asked yet.  Those of more counts have to come first.  ERROR_MEMORY,
 * ERROR_INTERRUPTED.
 */
bool compiler_evidence_find(struct compiler_evidence *evidence, const struct compile_note *notes,
                            size_t note_count, const char *name, size_t size,
                            enum evidence_answer *answer, struct error *error);

/*
 * Whether some compilation of the log took counts for the function, where nothing tells which was
 * its; asks clang about all of them, as far as it may.  ERROR_MEMORY, ERROR_INTERRUPTED.
 */
bool compiler_evidence_find_anywhere(struct compiler_evidence *evidence,
                                     const struct compile_log *log, const char *name, size_t size,
                                     bool *has_counts, struct error *error);

/*
 * The same of those compilations alone that went on from what a step before had made (".bc"): the
 * counts may have been taken there.
 */
bool compiler_evidence_find_later(struct compiler_evidence *evidence, const struct compile_log *log,
                                  const char *name, size_t size, bool *has_counts,
                                  struct error *error);

/* Reads the lines of a table of gcc's, or of LLVM's remarks; for the tests, too. */
bool compiler_evidence_read_table(struct compiler_evidence *evidence, const char *path,
                                  struct error *error);
bool compiler_evidence_read_remarks(struct compiler_evidence *evidence, const char *path,
                                    struct error *error);

#endif
