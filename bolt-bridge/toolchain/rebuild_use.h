/*
 * Which of the functions with samples a build compiled with the profile, by the weight of
 * their counts: each is looked up in the new binary, whose debug information tells its
 * source, and that in what the compilers noted.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_REBUILD_USE_H
#define BOLT_BRIDGE_TOOLCHAIN_REBUILD_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/compilation.h"
#include "analyzer/model/samples/sample_profile.h"
#include "bolt-bridge/toolchain/compile_log.h"
#include "bolt-bridge/toolchain/compiler_evidence.h"

/* How the code of a function was made. */
enum use_kind {
    USE_WITH,           /* compiled with the profile */
    USE_NOT_COMPILED,   /* of an object that this build did not compile */
    USE_WITHOUT,        /* compiled without the profile */
    USE_UNOPTIMISED,    /* with it, but without optimisation */
    USE_CHANGED,        /* with it, but its code has another checksum than it was recorded with */
    USE_NOT_TAKEN,      /* with it, but the compiler took no counts for it, and says so */
    USE_RENAMED,        /* the same function, but its name has another path or hash in it */
    USE_OTHER_COMPILER, /* by one that the profile is not for */
    USE_LIBRARY,        /* it came with the compiler */
    USE_UNTOLD,         /* nothing tells its source */
};
#define USE_KINDS 10

struct use_share {
    uint64_t functions, counts;
    uint64_t hottest;   /* counts of the next */
    char function[160]; /* the one with most counts */
    char unit[160];     /* and its source, as the debug information has it */
};

/* Begins as {0}. */
struct rebuild_use {
    uint64_t functions, counts; /* of the whole profile */
    struct use_share shares[USE_KINDS];
    uint64_t confirmed; /* of the counts of USE_WITH: their compiler says of the function that it
                           took counts */
    /* The hottest function that was compiled without a flag of the recorded one; empty: none. */
    char lost_flag[160], lost_function[160];
};

/* What the use is found by.  All borrowed. */
struct use_sources {
    const struct sample_profile *samples;
    const struct binary *made, *recorded; /* the latter NULL where there is none */
    enum compiler compiler;               /* that the profile is for */
    const struct compile_log *log;
    struct compiler_evidence *evidence; /* it may be asked more */
};

/* ERROR_MEMORY, ERROR_INTERRUPTED. */
bool rebuild_use_find(struct rebuild_use *use, const struct use_sources *sources,
                      struct error *error);

/* "not compiled again", "compiled without the profile"...  Static. */
const char *use_kind_text(enum use_kind kind);
/* One word for JSON: "not_compiled"...  Static. */
const char *use_kind_key(enum use_kind kind);

/*
 * What share of the counts is in code that this build should have compiled with the profile
 * and did not, of all that it could; 0 where nothing is known.
 */
double rebuild_use_missed(const struct rebuild_use *use);
/* What share is in functions of which nothing tells how they were made, of all of this compiler's.
 */
double rebuild_use_untold(const struct rebuild_use *use);
/* Of the causes of what was missed, the one of most counts. */
enum use_kind rebuild_use_worst(const struct rebuild_use *use);

/* A line for people: how much was compiled with the profile, and the rest by cause. */
void rebuild_use_describe(const struct rebuild_use *use, char *text, size_t size);

#endif
