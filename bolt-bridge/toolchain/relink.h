/*
 * From profiles to a relinked binary: the checks, the conversion by the
 * analyzer's library, and llvm-bolt.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_RELINK_H
#define BOLT_BRIDGE_TOOLCHAIN_RELINK_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"
#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/toolchain/findings.h"

/* All strings are borrowed. */
struct relink_request {
    const char *binary;
    char *const *profiles; /* raw profiles, merged */
    size_t profile_count;
    const char *fdata;         /* instead of them; NULL */
    const char *bolt;          /* which llvm-bolt; NULL: bolt_find() chooses */
    const char *log_directory; /* where the fdata and llvm-bolt's output stay; NULL: nowhere */
    char *const *options;      /* for llvm-bolt */
    size_t option_count;
    bool without_relocations; /* take a binary that has none: blocks move, functions stay */
    bool judges_profile;      /* whether it is good enough */
    bool accepts_poor;        /* and takes one that is not, with a warning */
    double timeout;           /* of llvm-bolt, in seconds; 0: none */
};

struct relink_result {
    struct bolt bolt;
    struct bolt_outcome outcome;
    struct findings findings; /* what fails in the profile, where request->judges_profile */
    bool is_of_rewritten;     /* recorded was what BOLT had made of the binary: so will the next */
};

/*
 * Whether BOLT can take the binary.  Errors: ERROR_NO_SUCH_PROGRAM,
 * ERROR_OPEN, ERROR_NOT_ELF, ERROR_MACHINE, ERROR_STRIPPED,
 * ERROR_NO_RELOCATIONS, ERROR_ALREADY_BOLTED, ERROR_BOLT_REFUSES.
 */
bool relink_check(const struct relink_request *request, struct error *error);

/* Reads and merges raw profiles.  The caller frees it (profile_free).  NULL on error. */
struct profile *relink_read_profiles(char *const *files, size_t count, struct error *error);

/*
 * Writes the relinked binary to `output`, with the permissions of the original
 * but for set-user-ID and set-group-ID.  The caller owns the file, and removes
 * it after a failure.  Errors: those of relink_check, of the readers and
 * writers (ERROR_BUILD_ID, ERROR_NO_SAMPLES, ...), of bolt_find and
 * bolt_rewrite, ERROR_POOR_PROFILE, and ERROR_WRITE.
 */
bool relink_write(const struct relink_request *request, const char *output,
                  struct relink_result *result, struct error *error);

/* Refuses with ERROR_USAGE an output that is the input, by whatever name. */
bool relink_check_output(const char *binary, const char *output, struct error *error);

#endif
