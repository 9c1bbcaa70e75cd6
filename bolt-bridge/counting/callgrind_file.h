/*
 * What callgrind wrote about one process: its events, its jumps, and the code that it ran.
 * Source of the format: valgrind's manual, "Callgrind Format Specification".
 */
#ifndef BOLT_BRIDGE_COUNTING_CALLGRIND_FILE_H
#define BOLT_BRIDGE_COUNTING_CALLGRIND_FILE_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/counting/count_tool.h"

/*
 * Adds the file's counts.  It has to be written with --dump-instr=yes --collect-jumps=yes
 * --compress-pos=no --compress-strings=no; without these there are no jumps and no lines.
 * *counted: the file has totals of events; what has none is left alone.  ERROR_MEMORY.
 */
bool callgrind_file_add(const char *file, struct counts *counts, bool *counted,
                        struct error *error);

#endif
