/*
 * Asking a tool for one of its texts: its version, its options, its settings.
 */
#ifndef BOLT_BRIDGE_PROCESS_ASK_H
#define BOLT_BRIDGE_PROCESS_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"

/*
 * Runs `path` with the NULL-terminated arguments and fills `text` (of `size`
 * bytes, cut there) with its standard output.  ERROR_TOOL_FAILED where it does
 * not succeed within a minute, with the end of what it said, and the errors of
 * process_run and temporary_path.
 */
bool process_ask(const char *path, char *const *arguments, char *text, size_t size,
                 struct error *error);

/* ERROR_TOOL_FAILED of a tool that ended otherwise than with status 0, and its last lines. */
void ask_describe_failure(const char *path, const struct process_result *result,
                          const char *error_file, struct error *error);

/* Copies the word behind `key` in a text.  False: not there. */
bool ask_word_after(const char *text, const char *key, char *word, size_t size);

#endif
