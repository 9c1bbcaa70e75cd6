/*
 * Profiles out, in any format of formats.h.
 */
#ifndef ANALYZER_WRITE_WRITER_H
#define ANALYZER_WRITE_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/write/format.h"
#include "analyzer/write/formats.h"

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
    const char *ir_directory; /* NULL: none was given */
};

/* The same with these options. */
bool writer_write_wanted(const struct writer *writer, const struct profile *profile,
                         const struct binary *binary, const struct writer_options *options,
                         FILE *stream, struct error *error);

/*
 * The same into the file `path`, as output_write_file takes it; `options` may be NULL, which
 * is what writer_write does.
 */
bool writer_write_file(const struct writer *writer, const struct profile *profile,
                       const struct binary *binary, const struct writer_options *options,
                       const char *path, bool force, struct error *error);

/*
 * What such a writer is given in place of the profile: *inferred, which the caller
 * frees with profile_free, or NULL where it gets the profile itself.
 */
bool writer_infer(const struct writer *writer, const struct profile *profile, uint32_t module,
                  const struct binary *binary, enum inference_wanted infer,
                  struct profile **inferred, struct error *error);

#endif
