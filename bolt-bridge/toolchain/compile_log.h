/*
 * What the compilers of a build note of themselves: which sources they compiled, and
 * which of them with the profile.  A line of the log is one of
 *   - clang's driver (CC_PRINT_OPTIONS): the command of a job, each word in quotes;
 *   - COMPILE_LOG_NOTE "source" TAB DIRECTORY TAB WORD...: the words that may be the source,
 *     and the maps of prefixes, of a call of gcc's with the profile;
 *   - COMPILE_LOG_NOTE "crate" TAB DIRECTORY TAB NAME TAB ROOT: of rustc's; ROOT is its source.
 * Both of ours have "-O0" among their words where nothing was optimised, and the flags of a
 * profile that the build has of its own ("-fprofile-use", "-fauto-profile=FILE").
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COMPILE_LOG_H
#define BOLT_BRIDGE_TOOLCHAIN_COMPILE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

#define COMPILE_LOG_NOTE "pgo-bolt: "

/* How a unit was compiled in the build. */
enum compile_use {
    COMPILE_NONE,        /* not at all */
    COMPILE_WITHOUT,     /* without the profile */
    COMPILE_UNOPTIMISED, /* with it, but without optimisation, which alone has a use for it */
    COMPILE_WITH,        /* at least once with it */
};

struct compile_note {
    char *unit; /* a path without "." and "..", "crate NAME", or "link NAME" of what is linked */
    enum compile_use use;
    long line; /* where the log has its command */
};

/* Begins as {0}. */
struct compile_log {
    const char *profile;                /* borrowed: that of clang's calls has to be it; or NULL */
    uint64_t runs, with_profile;        /* of compilers, for the program's machine */
    char *compiler;                     /* clang: the path of the one that ran first; or NULL */
    uint64_t link_time_objects;         /* compiled with the profile, for the linker to optimise */
    uint64_t links, links_with_profile; /* in which the linker does that */
    uint64_t intermediate;              /* clang's own code (".bc"), optimised with the profile */
    uint64_t twice;                     /* and what it compiled of such code, again with it */
    char own_profile[160];              /* the first such flag of the build; or empty */
    struct compile_note *notes;         /* by unit after compile_log_read */
    size_t count, capacity;
    long line; /* that is being read */
};

/*
 * Reads the log of a build for code of `architecture` ("x86_64").  A file that does not
 * exist is an empty log.  The caller frees it also after a failure: ERROR_MEMORY.
 */
bool compile_log_read(struct compile_log *log, const char *path, const char *architecture,
                      struct error *error);
void compile_log_free(struct compile_log *log);

/* Adds what one line says, for compile_log_read and its tests. */
bool compile_log_add(struct compile_log *log, const char *line, const char *architecture,
                     struct error *error);

/*
 * How the unit of debug information was compiled that has this name and directory
 * (DW_AT_name, DW_AT_comp_dir).
 */
enum compile_use compile_log_find(const struct compile_log *log, const char *directory,
                                  const char *name);

/* All notes of that unit, which are one behind the other, those of most use first; NULL: none. */
const struct compile_note *compile_log_notes(const struct compile_log *log, const char *directory,
                                             const char *name, size_t *count);

/* Those of what was preprocessed or compiled before by itself (".i", ".bc"), whatever its source
 * is.
 */
const struct compile_note *compile_log_later_notes(const struct compile_log *log, size_t *count);

/* The same of the links of a file, by its name without directories; COMPILE_NONE: not seen. */
enum compile_use compile_log_find_link(const struct compile_log *log, const char *name);

#endif
