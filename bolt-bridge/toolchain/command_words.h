/*
 * The words of one command as a line tells them: each in quotes, as clang's driver prints
 * its jobs, or separated by tabs, as our wrappers note theirs.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_COMMAND_WORDS_H
#define BOLT_BRIDGE_TOOLCHAIN_COMMAND_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/error.h"

/* Begins as {0}.  The words are in a copy of the line. */
struct command_words {
    char *text;
    char **items;
    size_t count, capacity;
};

/* Both split a line; the caller frees the words also after a failure: ERROR_MEMORY. */
bool command_words_quoted(struct command_words *words, const char *line, struct error *error);
bool command_words_by_tabs(struct command_words *words, const char *line, struct error *error);
void command_words_free(struct command_words *words);

/* What follows `prefix` in the last word that begins with it, or NULL. */
const char *command_words_after(const struct command_words *words, const char *prefix);
/* The word behind the first one that is `option`, or NULL. */
const char *command_words_behind(const struct command_words *words, const char *option);
bool command_words_have(const struct command_words *words, const char *wanted);

#endif
