/*
 * The verbs of pgo-analyze: one file each, called by main.c alone.  A verb takes
 * its own command line (argv[0] is "pgo-analyze VERB", for messages) and
 * returns the exit status; it has told the user what went wrong.
 */
#ifndef ANALYZER_VERBS_VERBS_H
#define ANALYZER_VERBS_VERBS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"
#include "analyzer/read/reader.h"

int verb_convert(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_merge(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_overlap(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_trim(int argc, char **argv);

/* The end of every verb's --help. */
#define VERBS_EXIT_STATUS                                                                          \
    "Exit status: 0 done, 1 the answer is no (no samples, not in the profile), 2 wrong usage, "    \
    "3 a file or the system does not allow it."

/* An input file and what its counts are multiplied by. */
struct input {
    const char *path;
    uint64_t weight;
};

struct inputs {
    struct input *items;
    size_t count, capacity;
    bool with_hybrid_samples; /* keep them, which takes memory for every sample */
};

bool inputs_add(struct inputs *inputs, const char *path, uint64_t weight, struct error *error);
void inputs_free(struct inputs *inputs);

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

/*
 * The module that `name` means: its path in the recording, or the end of it
 * (from a slash on) where only one module has that.  ERROR_NOT_IN_PROFILE.
 */
bool profile_find_module(const struct profile *profile, const char *name, uint32_t *module,
                         struct error *error);

/* Which binary of a profile by address is meant, as far as the user said; NULL: not said. */
struct binary_choice {
    const char *binary; /* its file */
    const char *module; /* as profile_find_module takes it */
};

/* The options -b and --module, as a child of a verb's parser; its input is a struct binary_choice.
 */
extern const struct argp binary_choice_parser;

/* The value of --top: how many lines a list has.  argp_error, which ends, where it is none. */
size_t option_top(const char *value, size_t least, struct argp_state *state);

/*
 * The binary that something is wanted of: *binary where the user gave one, else
 * it is opened, at the path of the module that `module_name` means or, where it
 * is NULL, of the program itself.  Checks that it is that module.  `input` is
 * the profile's file, for errors.
 */
bool verb_choose_binary(const char *module_name, const char *input, const struct profile *profile,
                        struct binary **binary, struct error *error);

/*
 * Producers for output_write_file: of a struct symbol_profile, and of a struct
 * sample_profile in its order in both forms.
 */
bool produce_fdata(FILE *stream, void *symbols, struct error *error);
bool produce_llvm_text(FILE *stream, void *samples, struct error *error);
bool produce_llvm_ext(FILE *stream, void *samples, struct error *error);

/* Prints the error and returns its exit status. */
int verb_failed(const struct error *error);

#endif
