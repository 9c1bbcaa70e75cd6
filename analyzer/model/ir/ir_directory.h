/* A program from the directory that has the dumps of its modules. */
#ifndef ANALYZER_MODEL_IR_IR_DIRECTORY_H
#define ANALYZER_MODEL_IR_IR_DIRECTORY_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "analyzer/model/ir/ir_program.h"

/*
 * Reads all files of a directory whose names end in ".ll" or ".log", in the order of their
 * names.  ERROR_OPEN, ERROR_READ, ERROR_IR; also where none of them has a function with counters.
 */
bool ir_program_read_directory(struct ir_program *program, const char *directory,
                               struct error *error);

#endif
