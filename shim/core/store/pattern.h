/*
 * File patterns, as LLVM's profile runtime writes them:
 *   %p process number   %h host name   %t $TMPDIR (or /tmp)   %% a percent sign
 *   %m signature of the executable: processes of the same one share the file
 *   %1m … %9m  the same with a pool of that many files, to keep writers apart
 *   %c accepted and without effect: our files are always continuous
 */
#ifndef SHIM_CORE_STORE_PATTERN_H
#define SHIM_CORE_STORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern_facts {
    int process_id;
    uint64_t program_id; /* the signature for %m */
    const char *host;
    const char *temporary_directory;
};

/*
 * Writes the expanded pattern to `path` (`size` bytes).  *shares says whether it
 * holds a %m, *has_process whether it holds a %p.  False: it does not fit or has
 * an unknown % sequence.  Outside handlers.
 */
bool pattern_expand(const char *pattern, const struct pattern_facts *facts, char *path, size_t size,
                    bool *shares, bool *has_process);

#endif
