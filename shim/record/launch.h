/* A program with the shim preloaded: environment, signals, exit status. */
#ifndef SHIM_RECORD_LAUNCH_H
#define SHIM_RECORD_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/outside/relay.h"
#include "shim/record/options.h"

/* Finds libpgoshim.so beside this program or where it was installed.  False: it was said. */
bool launch_find_shim(char *path, size_t size);

/*
 * Runs the command to its end, with ourselves as its parent.  Returns the exit status to pass on;
 * `relay` tells how it ended.
 */
int launch_run(const struct record_options *options, const char *program, const char *shim,
               struct relay *relay);

/* Becomes the command; `shim` NULL: without it.  Returns only where that fails, which was said. */
int launch_exec(const struct record_options *options, const char *program, const char *shim);

#endif
