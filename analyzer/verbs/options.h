/*
 * The options that several verbs have, each with one meaning: a verb lists those that it
 * takes as children of its parser, all of which fill in the same struct verb_options.
 */
#ifndef ANALYZER_VERBS_OPTIONS_H
#define ANALYZER_VERBS_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "analyzer/verbs/inputs.h"

struct verb_options {
    const char *binary; /* option_binary: a file; NULL: not given, like all that follows */
    const char *module; /* option_module: as profile_find_module takes it */
    const char *output; /* option_output */
    bool force;
    bool json;              /* option_json */
    bool is_mangled;        /* option_no_demangle */
    size_t top;             /* option_top */
    size_t least_top;       /* what a verb allows */
    bool has_format;        /* option_sample_format: one was given */
    bool as_text;           /* and it is text */
    struct inputs inputs;   /* option_profiles */
    const char *no_profile; /* the usage error where no profile is named; NULL: none */
    struct error error;
};

extern const struct argp option_binary;        /* -b, --binary=FILE */
extern const struct argp option_module;        /* --module=PATH */
extern const struct argp option_debug_dir;     /* --debug-dir=DIR, which takes effect at once */
extern const struct argp option_output;        /* -o, --output=FILE and --force */
extern const struct argp option_force;         /* --force, where the output is another option's */
extern const struct argp option_json;          /* --json */
extern const struct argp option_no_demangle;   /* --no-demangle */
extern const struct argp option_top;           /* --top=N */
extern const struct argp option_sample_format; /* -f, --format=llvm-ext or llvm-text */
extern const struct argp option_quiet;         /* -q, --quiet, which takes effect at once */
extern const struct argp option_verbose;       /* -v, --verbose, likewise */
extern const struct argp option_profiles;      /* the arguments: PROFILE... */

/* What a verb's parser does at ARGP_KEY_INIT: gives `shared` to its `children`. */
void verb_options_share(struct argp_state *state, const struct argp_child *children,
                        struct verb_options *shared);

/* Sets ERROR_UNKNOWN_FORMAT: what the format may be, and which was meant.  NULL ends `names`. */
void option_refuse_format(const char *value, const char *const *names, struct error *error);

#endif
