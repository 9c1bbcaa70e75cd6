/*
 * What the user asked for, read once from the environment at start.
 *
 *   PGOSHIM_FILE      pattern of the raw file (see store/pattern.h)
 *   PGOSHIM_RATE      samples per second, at most, of each thread's CPU time
 *   PGOSHIM_BUDGET    percent of CPU time that sampling may cost
 *   PGOSHIM_BRANCHES  auto, lbr, lookahead, step, off (and compare, a test)
 *   PGOSHIM_WINDOW    taken branches that look-ahead follows from a sample; auto
 *   PGOSHIM_STACKS    samples from one call stack to the next; 0 or off: none
 *   PGOSHIM_LIMIT     bytes that a raw file may grow to
 *   PGOSHIM_LOG       a file, or 1 for standard error: what was chosen and why
 *   PGOSHIM_AT_ONCE   a process number, set by pgo-record: that of its command, whose recorder
 *                     does not wait for the process to be worth it
 *   TMPDIR            for a %t in the pattern
 *
 * A value that makes no sense is reported to the log and the default taken: the
 * shim never stops the application.
 */
#ifndef SHIM_CORE_SETTINGS_SETTINGS_H
#define SHIM_CORE_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/core/window/window.h"

#define SETTINGS_AT_ONCE_VARIABLE "PGOSHIM_AT_ONCE"
#define SETTINGS_DEFAULT_FILE "pgo-%p-%m.pgoraw"
#define SETTINGS_DEFAULT_RATE 1000
#define SETTINGS_MAX_RATE 10000
#define SETTINGS_DEFAULT_BUDGET 1.0
#define SETTINGS_DEFAULT_STACKS 32

enum settings_branches {
    SETTINGS_BRANCHES_AUTO,
    SETTINGS_BRANCHES_HARDWARE,
    SETTINGS_BRANCHES_LOOKAHEAD,
    SETTINGS_BRANCHES_STEP,
    SETTINGS_BRANCHES_OFF,
    SETTINGS_BRANCHES_COMPARE, /* a test: look-ahead held against stepping */
};

struct settings {
    char file[1024]; /* the pattern, absolute where it could be made so */
    char temporary_directory[1024];
    uint32_t rate;           /* samples per second of CPU time, at most */
    double budget;           /* percent */
    uint32_t window;         /* branches a window of look-ahead; 0: as many as pay */
    uint32_t stack_interval; /* samples between two call stacks; 0 = no stacks */
    uint64_t size_limit;     /* bytes */
    enum settings_branches branches;
    bool at_once; /* the recorder starts with the process */
};

/* Not signal-safe: reads the environment.  Never fails. */
void settings_read(struct settings *settings);

#endif
