/*
 * Profiles out: one format is one file in this room, known to the others by its
 * struct writer alone.  Used by the verbs and the bolt-bridge.
 */
#ifndef ANALYZER_WRITE_WRITER_H
#define ANALYZER_WRITE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
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
};

struct writer {
    const char *name;        /* convert -f NAME */
    const char *suffix;      /* of its files, without the dot */
    const char *description; /* one line for --help */
    bool needs_binary;       /* else it covers all modules, and input.binary may be NULL */
    bool needs_symbols;      /* and it must not be stripped */
    bool wants_executions;   /* how often code ran, not how long: corrected, or inferred, counts */
    bool takes_contexts;     /* it can tell functions apart by their callers */
    bool (*write)(const struct writer_input *input, FILE *stream, struct error *error);
};

/* The writer of a format, or NULL. */
const struct writer *writer_find(const char *name);

/* All of them, in the order of --help; NULL past the last. */
const struct writer *writer_at(size_t index);

/*
 * Writes the part of a normalised profile that is about `binary`.  Checks what
 * the format needs first: ERROR_BUILD_ID, ERROR_NOT_IN_PROFILE, ERROR_STRIPPED,
 * ERROR_NO_SAMPLES (for this binary).  The caller checks the stream.
 */
bool writer_write(const struct writer *writer, const struct profile *profile,
                  const struct binary *binary, FILE *stream, struct error *error);

/* What users choose; zero is what writer_write does. */
struct writer_options {
    enum inference_wanted infer; /* writers that want executions then get inference_profile's */
    struct context_options contexts;
};

/* The same with these options. */
bool writer_write_wanted(const struct writer *writer, const struct profile *profile,
                         const struct binary *binary, const struct writer_options *options,
                         FILE *stream, struct error *error);

/*
 * What such a writer is given in place of the profile: *inferred, which the caller
 * frees with profile_free, or NULL where it gets the profile itself.
 */
bool writer_infer(const struct writer *writer, const struct profile *profile, uint32_t module,
                  const struct binary *binary, enum inference_wanted infer,
                  struct profile **inferred, struct error *error);

#endif
