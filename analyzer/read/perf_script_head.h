/*
 * The beginning of a line of perf script's text: whose it is.  Thread names may hold
 * anything (blanks, digits, brackets, colons, even nothing), so that the line is
 * understood from what is certain: the time, which no name imitates at its place, else
 * PID/TID, else the column where perf ends names.
 */
#ifndef ANALYZER_READ_PERF_SCRIPT_HEAD_H
#define ANALYZER_READ_PERF_SCRIPT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/read/perf_threads.h"

struct perf_script_head {
    const char *name; /* of the thread, in the line; not ended by a NUL */
    size_t name_size; /* without the blanks around it; 0: empty, or not printed */
    bool has_process; /* PID/TID */
    bool has_number;  /* one number alone: of the process or of the thread */
    bool has_time;
    uint32_t process; /* where has_process */
    uint32_t thread;  /* where has_process; else the number, where has_number */
    char *rest;       /* what comes behind: period, event, address, or a record */
};

/*
 * Takes the beginning of `line` apart, which stays as it is; `head` points into it.
 * `threads` tells which numbers are known, where only that decides between two.
 */
void perf_script_head_find(char *line, const struct perf_threads *threads,
                           struct perf_script_head *head);

#endif
