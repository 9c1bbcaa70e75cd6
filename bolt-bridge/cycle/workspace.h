/*
 * The working directory of a cycle: where its files lie, and the lines that it
 * prints while it works.
 */
#ifndef BOLT_BRIDGE_CYCLE_WORKSPACE_H
#define BOLT_BRIDGE_CYCLE_WORKSPACE_H

#include "bolt-bridge/cycle/cycle.h"

/* The path of a file or directory in the working directory.  ERROR_WRITE. */
bool cycle_path(const struct cycle *cycle, const char *name, char path[PATH_MAX],
                struct error *error);

/* The path of a binary with the program's name in the directory `kind` there.  ERROR_WRITE. */
bool cycle_program_path(const struct cycle *cycle, const char *kind, char path[PATH_MAX],
                        struct error *error);

/* Prints a line for the user, unless request->quiet. */
void cycle_say(const struct cycle *cycle, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
