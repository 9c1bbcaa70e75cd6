/*
 * What the command lines of the verbs have in common.  Used by the verbs.
 */
#ifndef BOLT_BRIDGE_VERBS_OPTIONS_H
#define BOLT_BRIDGE_VERBS_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/measure.h"

/*
 * Splits the command line at its first "--": what stands behind it is not ours.
 * Returns the number of arguments before it, and the rest (NULL-terminated,
 * possibly empty) with its length.
 */
int options_split(int argc, char **argv, char ***rest, size_t *rest_count);

/* Parse a whole argument or end with a usage error that names the option. */
unsigned options_count(const char *text, const char *option, unsigned low, unsigned high,
                       struct argp_state *state);
double options_seconds(const char *text, const char *option, struct argp_state *state);
/* A time with a unit: "90", "90s", "5m", "1h"; in seconds. */
double options_duration(const char *text, const char *option, struct argp_state *state);
/* Percent from 0 to 10000, as a fraction: "5" is 0.05. */
double options_percent(const char *text, const char *option, struct argp_state *state);
/* "output", "errors" or "both" of --ignore; adds to `tolerance`. */
void options_ignore(const char *text, struct measure_tolerance *tolerance,
                    struct argp_state *state);

/*
 * The file behind a name on the command line: itself where it exists or has a
 * slash, otherwise what PATH has.  `path` has PATH_MAX bytes.
 * Errors: ERROR_NO_SUCH_PROGRAM, ERROR_OPEN for a directory.
 */
bool options_find_binary(const char *name, char *path, struct error *error);

/* Says the error and returns its exit status. */
int options_fail(const struct error *error);

#endif
