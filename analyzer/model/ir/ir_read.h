/* The reader of dumps of modules. */
#ifndef ANALYZER_MODEL_IR_IR_READ_H
#define ANALYZER_MODEL_IR_IR_READ_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/ir/ir_program.h"

/*
 * Adds what a stream tells: dumps of modules, one behind another, among other lines, which are
 * passed over.  `path` is for messages.  ERROR_READ; ERROR_IR where it makes no sense, with the
 * number of the line.  After a failure only ir_program_free is of use.
 */
bool ir_program_read(struct ir_program *program, FILE *stream, const char *path,
                     struct error *error);

#endif
