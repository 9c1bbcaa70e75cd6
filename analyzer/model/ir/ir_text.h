/*
 * The words of LLVM's text: names, strings and numbers.  All take text that ends with a zero.
 */
#ifndef ANALYZER_MODEL_IR_IR_TEXT_H
#define ANALYZER_MODEL_IR_IR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

bool ir_text_is_digit(char character);

/* From the opening quote of a string to its closing one, or to the text's end. */
const char *ir_text_skip_string(const char *text);

/*
 * The content of a string at its opening quote, or of a name without quotes, with "\XX" as the
 * character that it means.  The caller frees it; a zero follows.  NULL with ERROR_MEMORY.
 */
char *ir_text_unquote(const char *text, size_t *size, struct error *error);

/* First character past a name, with quotes or without, that begins at `text`. */
const char *ir_text_skip_name(const char *text);

/* Whether `text` begins with `word` and the word ends there. */
bool ir_text_starts_with(const char *text, const char *word);

/* The next of `wanted` in the text that is not in a string, or NULL. */
const char *ir_text_find(const char *text, const char *wanted);

#endif
