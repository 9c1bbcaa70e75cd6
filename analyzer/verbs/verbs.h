/*
 * The verbs of pgo-analyze, one file each.  A verb takes its own command line (argv[0] is
 * "pgo-analyze VERB", for messages), tells the user what went wrong, and returns the exit
 * status.
 */
#ifndef ANALYZER_VERBS_VERBS_H
#define ANALYZER_VERBS_VERBS_H

#include "analyzer/base/error.h"

int verb_convert(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_annotate(int argc, char **argv);
int verb_merge(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_overlap(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_trim(int argc, char **argv);

/* The end of every verb's --help. */
#define VERBS_EXIT_STATUS                                                                          \
    "Exit status: 0 done, 1 the answer is no (no samples, not in the profile), 2 wrong usage, "    \
    "3 a file or the system does not allow it."

/* Prints the error and returns its exit status. */
int verb_failed(const struct error *error);

#endif
