/*
 * What the command lines of all verbs share.  The functions that take an argp_state end the
 * program with a usage error, and exit status 2, where a value is wrong; `option` is how
 * the option is written, "--top".
 */
#ifndef ANALYZER_BASE_OPTIONS_H
#define ANALYZER_BASE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole number from `low` to `high`. */
uint64_t option_number(const char *value, const char *option, uint64_t low, uint64_t high,
                       struct argp_state *state);

/* Percent from `low` to `high`, both included, as they are written: "0.5" is 0.5. */
double option_percent(const char *value, const char *option, double low, double high,
                      struct argp_state *state);

/* A time above zero as number_parse_duration takes it: 90, 90s, 5m or 1h; in seconds. */
double option_duration(const char *value, const char *option, struct argp_state *state);

/* -q (0) and -v (2) set how much is said, at once (message.h); false: it is neither. */
bool option_verbosity(int key);

/*
 * Says on standard error that an old spelling was used: "pgo-bolt compare: -j is deprecated:
 * write --json".  Old spellings are OPTION_HIDDEN and mean what they meant.
 */
void option_deprecated(const struct argp_state *state, const char *old, const char *instead);

/*
 * Writes "unknown KIND 'WORD'; did you mean 'NAME'?" into `text`, without the question where
 * none of the names is like it.  The NULL at the end of `names` ends them.
 */
char *option_unknown(char *text, size_t size, const char *kind, const char *word,
                     const char *const *names);

#endif
