/*
 * pgo-record: starts a program with the shim preloaded, waits for it, and says
 * what was recorded.
 *
 *   main.c      the command line
 *   target.c    can this program be recorded?
 *   launch.c    the run itself: environment, signals, exit status
 *   summary.c   which raw files came out of it
 */
#ifndef SHIM_RECORD_RECORD_H
#define SHIM_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses of our own; otherwise the program's is passed on. */
#define RECORD_STATUS_USAGE 2
#define RECORD_STATUS_ENVIRONMENT 3

struct record_options {
    const char *pattern; /* of the raw file */
    char absolute_pattern[4096];
    const char *rate, *budget, *branches, *window, *stacks, *limit; /* NULL: the shim's default */
    bool force;
    bool quiet;
    bool verbose;
    char **command; /* NULL-terminated */
};

/* One line on standard error: "pgo-record: …". */
void record_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Finds the program in PATH and looks whether the shim can be preloaded into
 * it.  `path` gets the file that will run.  False: it cannot, and was said.
 */
bool target_check(const char *name, char *path, size_t size);

/* Finds libpgoshim.so beside this program or where it was installed.  False: said. */
bool launch_find_shim(char *path, size_t size);

/* Runs the command to its end.  Returns the exit status to pass on. */
int launch_run(const struct record_options *options, const char *program, const char *shim);

/*
 * Refuses an output that exists, or removes it with --force; tries whether its
 * directory can be written to.  False: it cannot be used, and was said.
 */
bool output_prepare(const struct record_options *options);

/* Says what was recorded since `start_ns`; removes files without a sample whose process is gone. */
void summary_print(const struct record_options *options, uint64_t start_ns);

#endif
