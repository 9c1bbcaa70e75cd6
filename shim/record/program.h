/* How can a program be recorded?  If it cannot, that is said before it runs, with the way out. */
#ifndef SHIM_RECORD_PROGRAM_H
#define SHIM_RECORD_PROGRAM_H

#include <stddef.h>

#include "shim/record/options.h"

enum recording {
    RECORDING_REFUSED,   /* it cannot be recorded, and that was said */
    RECORDING_PRELOADED, /* the shim can be preloaded into it */
    RECORDING_OUTSIDE,   /* it cannot, or not without harm (shim/program/fit.h) */
};

/*
 * Finds the program in PATH and looks how it can be recorded.  `path` (`size` bytes) gets the
 * file that will run.  What is recorded in another way than one would expect is said, unless
 * options->quiet.
 */
enum recording program_check(const struct record_options *options, char *path, size_t size);

#endif
