/*
 * pgo-record: starts a program with the shim preloaded, waits for it, and says
 * what was recorded; or records one from outside.
 *
 *   main.c      the command line
 *   target.c    can this program be recorded?
 *   launch.c    the run itself: environment, signals, exit status
 *   outside.c   programs that run already, or that nothing can be preloaded into
 *   command.c   the start of such a program
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
    char *processes;      /* to attach to, by number, separated by commas; NULL: a command is run */
    const char *duration; /* seconds; NULL: until the end */
    bool force;
    bool quiet;
    bool verbose;
    char **command; /* NULL-terminated */
};

/* One line on standard error: "pgo-record: …". */
void record_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum recording {
    RECORDING_REFUSED,   /* it cannot be recorded, and that was said */
    RECORDING_PRELOADED, /* the shim can be preloaded into it */
    RECORDING_OUTSIDE,   /* it is linked statically */
};

/*
 * Finds the program in PATH and looks how it can be recorded.  `path` gets the
 * file that will run.
 */
enum recording target_check(const char *name, char *path, size_t size);

/* Finds libpgoshim.so beside this program or where it was installed.  False: said. */
bool launch_find_shim(char *path, size_t size);

/* Puts what the user asked for into our own environment, as the shim's settings want it. */
void options_export(const struct record_options *options);

/* Runs the command to its end.  Returns the exit status to pass on. */
int launch_run(const struct record_options *options, const char *program, const char *shim);

/* The same from outside: no shim is needed. */
int outside_run(const struct record_options *options, const char *program);

/* Records `options->processes` until they end, the time is over, or Ctrl-C.  Returns our status. */
int outside_attach(const struct record_options *options);

/*
 * Refuses an output that exists, or removes it with --force; tries whether its
 * directory can be written to.  False: it cannot be used, and was said.
 */
bool output_prepare(const struct record_options *options);

/* Says what was recorded since `start_ns`; removes files without a sample whose process is gone. */
void summary_print(const struct record_options *options, uint64_t start_ns);

#endif
