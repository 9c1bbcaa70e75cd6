/* A program with the shim preloaded: environment, signals, exit status. */
#ifndef SHIM_RECORD_LAUNCH_H
#define SHIM_RECORD_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/record/options.h"

/* Finds libpgoshim.so beside this program or where it was installed.  False: it was said. */
bool launch_find_shim(char *path, size_t size);

/* Runs the command to its end.  Returns the exit status to pass on. */
int launch_run(const struct record_options *options, const char *program, const char *shim);

#endif
