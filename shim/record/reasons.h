/* Why nothing was recorded: what processes noted, how the command ended, where the work was done.
 */
#ifndef SHIM_RECORD_REASONS_H
#define SHIM_RECORD_REASONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What is known of a recording beside its files. */
struct outcome {
    char notes[64];     /* the file that processes make notes in; "": none */
    bool is_command;    /* has run, and ended with `status` */
    int status;         /* as wait(2) has it */
    double cpu_s;       /* CPU time of the command, or of the processes attached to meanwhile */
    char children[256]; /* of those, which were there before us and are not recorded: 12,13 */
    char attached[256]; /* those themselves */
};

/* Makes the file for notes, and puts its name into our environment.  It goes without, if need be.
 */
void reasons_begin(struct outcome *outcome);

/* A command has ended. */
void reasons_command_ended(struct outcome *outcome, int status, const struct rusage *usage);

/* Processes were attached to (numbers, separated by commas), and used CPU time. */
void reasons_attached(struct outcome *outcome, const char *processes, double cpu_s);

/*
 * Says why there are no samples.  `counters` (by enum pgoraw_counter): the sums of the files
 * without a sample.
 */
void reasons_say(const struct outcome *outcome, const uint64_t *counters);

/* Says which processes were not recorded, where others were.  False: none has made a note. */
bool reasons_notes_say(const struct outcome *outcome);

/* Removes the file for notes. */
void reasons_end(struct outcome *outcome);

#endif
