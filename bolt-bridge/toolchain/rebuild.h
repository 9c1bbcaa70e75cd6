/*
 * From profiles to a program that its own build made again, with the profile:
 * the checks of the recorded binary, the conversion, the environment that makes
 * the build's compilers use it, and whether they did.
 *
 *     struct rebuild rebuild = {0};
 *     done = rebuild_prepare(&rebuild, &request, &error) && rebuild_run(&rebuild, &error);
 *     ... rebuild.used, rebuild.reason, rebuild.findings ...
 *     rebuild_free(&rebuild);
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "analyzer/base/error.h"
#include "analyzer/model/samples/match_with_build.h"
#include "analyzer/model/samples/sample_profile.h"
#include "bolt-bridge/toolchain/compile_log.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/toolchain/findings.h"
#include "bolt-bridge/toolchain/injection.h"
#include "bolt-bridge/toolchain/rebuild_use.h"

/* Where profiles, wrappers and copies of recorded binaries are kept. */
#define REBUILD_DIRECTORY ".pgo"

/* What the compiler gets. */
enum rebuild_kind {
    REBUILD_SAMPLES,  /* a sample profile: by probes where there are some, else by lines */
    REBUILD_BY_LINES, /* a sample profile by lines, also where there are probes */
    REBUILD_COUNTERS, /* clang, rustc: a profile of counters, for -fprofile-use */
    REBUILD_PLAIN,    /* no profile: an ordinary build, to compare others with */
};

/* All strings are borrowed, and must live as long as the rebuild. */
struct rebuild_request {
    char *const *profiles; /* of any format that is read; for Go also pprof's */
    size_t profile_count;
    const char *binary;    /* the recorded one; NULL: the recorded program, at its path */
    const char *result;    /* the file that the build makes; NULL: that of `binary` */
    const char *directory; /* NULL: REBUILD_DIRECTORY */
    enum toolchain toolchain;
    enum rebuild_kind kind;
    bool default_pgo;     /* Go: also put the profile into the main package, as default.pgo */
    bool force;           /* replace a default.pgo that is there */
    bool accepts_poor;    /* take a profile that is not good enough, with a warning */
    bool allow_empty;     /* build without a profile where it has no samples */
    char *const *command; /* the build, NULL-terminated; NULL: none is run */
    bool output_to_error; /* of the build: standard output is for results */
};

struct rebuild {
    const struct rebuild_request *request;
    enum toolchain toolchain; /* that is used */
    struct compiler_found compiler;
    struct compiler_flags debug_flags, use_flags; /* that the build gets */
    const char *architecture;                     /* it makes code for, "x86_64" */
    struct injection injection;                   /* and how */
    struct sample_profile samples;                /* gcc: what was written */
    struct findings findings;    /* what there is to say of the recorded binary and the profile */
    char binary[PATH_MAX];       /* the recorded one: what was given, or a copy that was kept */
    char result[PATH_MAX];       /* what the build makes */
    char directory[PATH_MAX];    /* absolute */
    char digest[9];              /* of the profile, in its name: hexadecimal */
    char profile[PATH_MAX + 64]; /* converted, absolute; empty where there are no samples */
    char default_pgo[PATH_MAX];  /* Go: also written there; empty: not */
    uint64_t counts;             /* of the profile in the recorded binary; 0: none, or not told */
    double plain_seconds;        /* a profile of counters: what the build without it took */
    bool is_by_probes;           /* the profile: by pseudo-probes, not source lines */

    /* After rebuild_run(). */
    struct timespec started;   /* the build, by CLOCK_REALTIME */
    bool built;                /* the build command succeeded */
    bool used;                 /* and its compilers used the profile */
    bool match_told;           /* whether the next is known */
    struct sample_match match; /* of the profile with the result's code */
    struct compile_log log;    /* what the compilers noted; Go's notes nothing */
    bool use_told;             /* whether the next is known: not of Go */
    struct rebuild_use use;    /* which code was compiled with the profile */
    int build_status;          /* of the build command */
    char reason[1024];         /* a sentence: why it was not built or used; else what was used */
    const char *remedy;        /* static, or NULL */
};

/*
 * Reads, checks and converts; `rebuild` is {0} before.  Errors: those of the
 * readers and writers; ERROR_BUILD_ID, ERROR_OTHER_BINARY for a profile that is
 * not of the binary or lies at the wrong addresses; ERROR_NO_DEBUG_INFO,
 * ERROR_STRIPPED; ERROR_POOR_PROFILE unless request->accepts_poor; ERROR_NO_SAMPLES unless
 * request->allow_empty; ERROR_TOOL_MISSING; ERROR_OUTPUT_EXISTS (default.pgo), ERROR_WRITE.
 */
bool rebuild_prepare(struct rebuild *rebuild, const struct rebuild_request *request,
                     struct error *error);

/*
 * Runs the build command, its output being ours, and looks at what came out.  A
 * build that failed or did not use the profile is a result (`built`, `used`),
 * not an error.  Errors: those of process_run.
 */
bool rebuild_run(struct rebuild *rebuild, struct error *error);

/*
 * Of clang: removes the objects and programs that rebuild_run() made, so that another build makes
 * them anew.  Other builds see by themselves what has to be compiled again, or clean.
 */
bool rebuild_remove_made(const struct rebuild *rebuild, struct error *error);

/* Takes one that is {0} or failed, too. */
void rebuild_free(struct rebuild *rebuild);

#endif
