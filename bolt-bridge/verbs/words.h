/*
 * A line split into words as a shell does it (POSIX, Shell Command Language, 2.2 and
 * 2.6.6), without a shell: quotes, backslashes and the names of files.
 */
#ifndef BOLT_BRIDGE_VERBS_WORDS_H
#define BOLT_BRIDGE_VERBS_WORDS_H

#include <stdbool.h>

struct word {
    char *text;         /* without its quotes; borrowed from the line */
    bool is_pattern;    /* it has an unquoted '*', '?' or '[' */
    bool is_redirected; /* it begins with an unquoted '<', which is part of the text */
    bool is_unfinished; /* a quote is not closed */
    char for_shell;     /* what only a shell understands and is not quoted: '|', '$'...; or NUL */
};

/*
 * Takes the next word off the line, which is changed.  False at its end.  `pattern`
 * has room for twice the line and a NUL, and gets the word as glob(3) takes it.
 */
bool word_next(char **line, char *pattern, struct word *word);

#endif
