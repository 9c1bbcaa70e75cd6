/*
 * Running other programs: the only place of the bolt-bridge that forks.
 *
 * A program is given as an argument vector, never as a line for a shell; it
 * runs in a process group of its own, with standard input from a file (or
 * /dev/null) and standard output and error into files.  Starting and finishing
 * are apart, so that a server can be left running while something else works.
 *
 * Interruption: after process_catch_interrupts(), SIGINT, SIGTERM and SIGHUP
 * no longer kill us.  process_finish() then ends the group of the child, and
 * every call fails with ERROR_INTERRUPTED from there on, so that the callers
 * unwind and main() can remove what was half made.
 *
 * No program leaves others behind it: see orphans.h.
 */
#ifndef BOLT_BRIDGE_PROCESS_RUN_H
#define BOLT_BRIDGE_PROCESS_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "analyzer/base/error.h"

/* What to run.  All strings are borrowed and must live until process_finish. */
struct process {
    const char *path;         /* the file to execute; NULL: arguments[0], looked up in PATH */
    char *const *arguments;   /* NULL-terminated; arguments[0] is the name it sees */
    const char *directory;    /* where it runs; NULL: where we do */
    const char *input_file;   /* standard input; NULL: /dev/null */
    const char *output_file;  /* standard output, made anew; NULL: /dev/null */
    const char *error_file;   /* standard error, made anew; NULL: /dev/null */
    bool shows_output;        /* both go where ours go instead */
    bool shows_as_error;      /* and of ours, both to standard error */
    char *const *environment; /* NAME=VALUE in addition to ours, NULL-terminated; may be NULL */
    double timeout;           /* seconds until the group is killed; 0: never */
    const char *label;        /* names it to the progress hook; NULL: not to be disturbed */

    pid_t pid;           /* set by process_start, 0 after process_finish */
    uint64_t started_at; /* nanoseconds, CLOCK_MONOTONIC */
    uint64_t our_queue;  /* nanoseconds that we have waited for a CPU until then */
};

/* How it went.  Times are those of the process and of all children it waited for. */
struct process_result {
    int exit_status; /* valid where !signal */
    int signal;      /* that killed it, or 0 */
    bool core_dumped;
    bool timed_out;
    bool left_running; /* processes that it left behind, which were killed */
    uint64_t user_nanoseconds;
    uint64_t system_nanoseconds;
    uint64_t wall_nanoseconds;
    uint64_t queued_nanoseconds; /* of these, its first thread (or we, to see its end) could run,
                                    and other work had the CPU; 0 where the kernel does not tell */
    uint64_t peak_bytes;         /* largest resident set */
};

/* Called about once a second while something with a label runs.  NULL: nothing is. */
typedef void process_progress(const char *label, uint64_t seconds);
void process_show_progress(process_progress *show);

/* Makes interruptions visible to this room.  Called once, by main(). */
void process_catch_interrupts(void);
/* Whether one arrived; fills in the error where it did. */
bool process_interrupted(struct error *error);

/*
 * Starts it.  Errors: ERROR_NO_SUCH_PROGRAM, ERROR_OPEN (input, or the program
 * cannot be executed), ERROR_WRITE (output files), ERROR_SYSTEM, ERROR_INTERRUPTED.
 */
bool process_start(struct process *process, struct error *error);

/*
 * Waits for it.  A program that failed is a result, not an error.  Errors:
 * ERROR_INTERRUPTED (the group has been killed), ERROR_SYSTEM.
 */
bool process_finish(struct process *process, struct process_result *result, struct error *error);

/* Both, one after the other. */
bool process_run(struct process *process, struct process_result *result, struct error *error);

/* Nanoseconds of CLOCK_MONOTONIC, as in struct process. */
uint64_t process_clock(void);

/* Whether a started process has ended and only waits to be finished. */
bool process_has_ended(const struct process *process);

/*
 * Asks it to end (SIGTERM; its own children are its business), and finishes it; what
 * is left of its group after that or after `grace` seconds is killed.
 */
bool process_stop(struct process *process, double grace, struct process_result *result,
                  struct error *error);

/* Whether it ended by itself with status 0. */
bool process_succeeded(const struct process_result *result);

/* "exited with status 3", "was killed by signal 11 (Segmentation fault)", ...  Fills `text`. */
void process_describe(const struct process_result *result, char *text, size_t size);

/*
 * The last `lines` lines of a text file (a tool's standard error), for quoting:
 * what is not printable UTF-8 becomes '?', every line is indented by two spaces.  An
 * unreadable or empty file makes an empty text.
 */
void process_quote_tail(const char *file, unsigned lines, char *text, size_t size);

/*
 * Finds an executable as a shell would: names with a slash as they are, others
 * in PATH.  `path` gets an absolute or slash-containing name of at most `size`
 * bytes, and may be `name` where that has a slash.  Returns false where there is
 * none; no message.
 */
bool process_find_program(const char *name, char *path, size_t size);

#endif
