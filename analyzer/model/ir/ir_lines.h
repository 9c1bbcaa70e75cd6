/*
 * The lines of LLVM's text, and its instructions, which may have several.
 */
#ifndef ANALYZER_MODEL_IR_IR_LINES_H
#define ANALYZER_MODEL_IR_IR_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/error.h"

/* Begins as {.stream = STREAM, .path = PATH}. */
struct ir_lines {
    FILE *stream;
    const char *path; /* for messages */
    char *line;       /* the last that was read, without its end */
    size_t line_capacity;
    uint64_t number; /* of the line, from 1 on */
    bool is_kept;    /* the line is to be told once more */
    char *instruction;
    size_t instruction_size, instruction_capacity;
};

/* Reads the next line; false at the end of the stream, or where it cannot be read. */
bool ir_lines_next(struct ir_lines *lines);

/* Gathers the whole instruction that begins with the last line.  ERROR_MEMORY, ERROR_IR. */
bool ir_lines_gather(struct ir_lines *lines, struct error *error);

/* Fills the error in with ERROR_IR, the line and a reason, and returns false. */
bool ir_lines_refuse(const struct ir_lines *lines, const char *reason, struct error *error);

/* Frees what was read; the stream stays open. */
void ir_lines_free(struct ir_lines *lines);

#endif
