/*
 * What a format to write is: one file in this room, one row of the table in formats.c.
 */
#ifndef ANALYZER_WRITE_FORMAT_H
#define ANALYZER_WRITE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/counts/inference.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/build_by_callers.h"

/* What is to be written.  The profile is normalised. */
struct writer_input {
    const struct profile *profile;
    uint32_t module;             /* the module that the output is about */
    const struct binary *binary; /* and its binary; NULL only where !needs_binary */
    struct binaries *binaries;   /* for the names of addresses in other modules */
    enum inference_wanted infer; /* for formats that have branches where only samples are known */
    struct context_options contexts; /* for formats that can tell functions apart by callers */
    const char *ir_directory;        /* the compiler's dumps, or NULL */
};

struct writer {
    const char *name;        /* convert -f NAME */
    const char *suffix;      /* of its files, without the dot */
    const char *description; /* one line for --help */
    bool needs_binary;       /* else it covers all modules, and input.binary may be NULL */
    bool needs_symbols;      /* and it must not be stripped */
    bool wants_executions;   /* how often code ran, not how long: corrected, or inferred, counts */
    bool takes_contexts;     /* it can tell functions apart by their callers */
    bool takes_ir;           /* it needs the compiler's dumps */
    bool has_no_accounts;    /* it does not tell where the counts went: that is told for it */
    bool (*write)(const struct writer_input *input, FILE *stream, struct error *error);
};

#endif
