/*
 * What the command lines of the verbs have in common, beside analyzer/base/options.h.
 */
#ifndef BOLT_BRIDGE_VERBS_OPTIONS_H
#define BOLT_BRIDGE_VERBS_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/measure.h"
#include "bolt-bridge/toolchain/compilers.h"
#include "bolt-bridge/toolchain/rebuild.h"

/*
 * Splits the command line at its first "--": what stands behind it is not ours.
 * Returns the number of arguments before it, and the rest (NULL-terminated,
 * possibly empty) with its length.
 */
int options_split(int argc, char **argv, char ***rest, size_t *rest_count);

/* How every verb is told to print its result, and how much to say besides: the input of
 * output_argp, a child parser.  Begins as {0}. */
struct output_options {
    bool json;
};
extern const struct argp output_argp;

/* Files that an option names, as often as it is given; the names are borrowed.  Begins as {0}; the
 * caller frees `files`. */
struct file_list {
    char **files;
    size_t count, capacity;
};
void options_add_file(struct file_list *list, char *file, struct argp_state *state);

/*
 * What verbs that compare two programs are told about it.  Each verb has its own rows of these
 * keys, since what they say in --help differs; how they are parsed does not.
 */
enum {
    OPTION_PAIRS = 'n',
    OPTION_PRECISION = 3072, /* beyond all other keys */
    OPTION_TIME,
    OPTION_IGNORE,
    OPTION_TIMEOUT
};
struct measuring_options {
    struct stopping_rule *stopping; /* OPTION_PAIRS, OPTION_PRECISION */
    double *seconds;                /* OPTION_TIME */
    struct measure_tolerance *tolerance;
    double *timeout; /* seconds; may be NULL where the verb has no row of OPTION_TIMEOUT */
};
/* Takes one of these options; false: it is none of them. */
bool options_measuring(int key, const char *argument, const struct measuring_options *measuring,
                       struct argp_state *state);

/*
 * --as: which kind of profile a build gets; where the best is to be chosen, *chooses, and the kind
 * is that of the default.
 */
enum rebuild_kind options_rebuild_kind(const char *text, bool *chooses, struct argp_state *state);

/* Percent from 0 to 10000, as a fraction: "5" is 0.05. */
double options_fraction(const char *text, const char *option, struct argp_state *state);
/* One of the names, which NULL ends: its index; otherwise a usage error with the nearest one. */
size_t options_word(const char *text, const char *option, const char *const *names,
                    struct argp_state *state);
/* The toolchain of that name, from `first` on: TOOLCHAIN_AUTO, or the one behind it. */
enum toolchain options_toolchain(const char *text, enum toolchain first, struct argp_state *state);

/*
 * The file behind a name on the command line: itself where it exists or has a
 * slash, otherwise what PATH has.  `path` has PATH_MAX bytes.
 * Errors: ERROR_NO_SUCH_PROGRAM, ERROR_OPEN for a directory.
 */
bool options_find_binary(const char *name, char *path, struct error *error);

/* Says the error and returns its exit status. */
int options_fail(const struct error *error);

#endif
