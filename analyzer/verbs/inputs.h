/*
 * The profiles that a command line names, and reading them together.
 */
#ifndef ANALYZER_VERBS_INPUTS_H
#define ANALYZER_VERBS_INPUTS_H

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"
#include "analyzer/read/reader.h"

/* An input file and what its counts are multiplied by. */
struct input {
    const char *path;
    uint64_t weight;
};

/* Begins as {0}. */
struct inputs {
    struct input *items;
    size_t count, capacity;
    bool with_hybrid_samples; /* keep them, which takes memory for every sample */
};

/*
 * "-" is standard input.  Pipes that are open already (that, and /dev/fd/N of a shell's <(...))
 * are replaced by a temporary file with what comes out of them, since readers go back and forth;
 * ERROR_SYSTEM where that fails.  `path` must stay.
 */
bool inputs_add(struct inputs *inputs, const char *path, uint64_t weight, struct error *error);
void inputs_free(struct inputs *inputs);

/*
 * Where no file was named, all *.pgoraw files in the current directory; ERROR_USAGE where there
 * are none.  The names are in `found`, which begins as {0} and which the caller frees with globfree
 * after the inputs.
 */
bool inputs_add_default(struct inputs *inputs, glob_t *found, struct error *error);

/*
 * Reads all inputs into one normalised profile; shows progress.  Inputs that do
 * not name their binary are of `binary`, which may be NULL.  NULL on failure.
 * The caller frees it with profile_free.
 */
struct profile *inputs_read(const struct inputs *inputs, const struct binary *binary,
                            struct error *error);

/* What all inputs are about; ERROR_PROFILE_KIND where they differ. */
bool inputs_kind(const struct inputs *inputs, enum profile_kind *kind, struct error *error);

/*
 * Adds up inputs that are by symbol; those of one file stay in its order, others
 * are sorted.  The caller frees `into` also after a failure.
 */
bool inputs_read_symbols(const struct inputs *inputs, struct symbol_profile *into,
                         struct error *error);

/*
 * Adds up inputs that are by source line; functions are sorted by name.  The
 * caller frees `into` also after a failure.
 */
bool inputs_read_lines(const struct inputs *inputs, struct sample_profile *into,
                       struct error *error);

/* ERROR_NO_SAMPLES, naming the first input, where the profile has nothing in it. */
bool inputs_check_samples(const struct inputs *inputs, const struct profile *profile,
                          struct error *error);

#endif
