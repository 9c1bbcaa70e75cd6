/* The command line of pgo-record. */
#ifndef SHIM_RECORD_OPTIONS_H
#define SHIM_RECORD_OPTIONS_H

#include <stdbool.h>

struct record_options {
    const char *pattern; /* of the raw file */
    char absolute_pattern[4096];
    const char *rate, *budget, *branches, *window, *stacks, *limit; /* NULL: the shim's default */
    char *processes;   /* to attach to, by number, separated by commas; NULL: a command is run */
    double duration_s; /* 0: until the end */
    bool exec;         /* become the command */
    bool force;
    bool quiet;
    bool verbose;
    char **command; /* NULL-terminated; NULL: processes are attached to */
};

/*
 * Reads the command line.  What makes no sense ends the program with RECORD_STATUS_USAGE, and is
 * said; so does --help, with status 0.  The strings are those of `argv`.
 */
void options_parse(struct record_options *options, int argc, char **argv);

/* Puts what the user asked for into our own environment, as the shim's settings want it. */
void options_export(const struct record_options *options);

#endif
