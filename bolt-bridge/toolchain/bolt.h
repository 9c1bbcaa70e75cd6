/*
 * llvm-bolt: how it is found, what it can do, and how it is driven.  The only
 * place that knows its options and reads its output.
 *
 * LLVM 16 to 22 are known to work; later ones are looked for as well.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_BOLT_H
#define BOLT_BRIDGE_TOOLCHAIN_BOLT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

struct bolt {
    char path[PATH_MAX];
    char version[32];             /* "22.1.8"; "unknown" where it does not say */
    bool has_cache_directed_sort; /* -reorder-functions=cdsort; else hfsort */
};

/*
 * The llvm-bolt to use: `asked` (may be NULL), else the environment's
 * LLVM_BOLT, else the newest of Debian's llvm-bolt-N in PATH, else llvm-bolt.
 * Errors: ERROR_TOOL_MISSING, ERROR_TOOL_FAILED (it does not even say its
 * version), and those of process_run.
 */
bool bolt_find(const char *asked, struct bolt *bolt, struct error *error);

/* Those of Debian's names and llvm-bolt that work, newest first; their number, at most `limit`. */
size_t bolt_find_all(struct bolt *found, size_t limit);

/* What is to be rewritten.  All strings are borrowed. */
struct bolt_job {
    const char *input;
    const char *fdata;
    const char *output;   /* NULL: nothing is written, only tried */
    char *const *options; /* further options; they replace ours of the same name */
    size_t option_count;
    bool reorder_functions; /* needs relocations in the input */
    bool call_past_plt;     /* makes the output look up all symbols at its start */
    bool keeps_addresses;   /* with the table by which its recordings are the input's */
    double timeout;         /* seconds; 0: none */
};

/* What it said about its work. */
struct bolt_outcome {
    bool profile_told; /* whether the next two are known */
    uint64_t profiled_functions;
    uint64_t all_functions;
    uint64_t stale_functions;
    uint64_t ignored_objects; /* names in the profile that the binary does not have */
    bool branches_told;       /* whether the next two are known: estimates by the profile */
    uint64_t taken_before;    /* taken branches of all kinds */
    uint64_t taken_after;
    bool debug_information_lost;
};

/*
 * Runs it; its output goes to `log_directory`/llvm-bolt.out and .err, or to our
 * temporary directory where that is NULL.  Errors: ERROR_TOOL_FAILED with the
 * last lines of its standard error (a failure, a crash or a timeout, or no
 * output file), and those of process_run.  The caller owns job->output and
 * removes it after a failure.
 */
bool bolt_rewrite(const struct bolt *bolt, const struct bolt_job *job, const char *log_directory,
                  struct bolt_outcome *outcome, struct error *error);

/* Reads one line of llvm-bolt's output into `outcome` (zeroed at first).  For tests. */
void bolt_read_line(const char *line, struct bolt_outcome *outcome);

#endif
