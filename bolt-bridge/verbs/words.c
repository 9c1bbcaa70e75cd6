#include "bolt-bridge/verbs/words.h"

#include <ctype.h>
#include <string.h>

static bool begins_name(char letter)
{
    return isalpha((unsigned char)letter) || (letter && strchr("_{(", letter));
}

/* Whether a shell would do something there that we do not; `quote`: in which quotes it is. */
static bool is_for_shell(const char *at, const char *begin, char quote)
{
    if (quote == '\'')
        return false;
    if (*at == '`' || (*at == '$' && begins_name(at[1])))
        return true;
    return !quote &&
           (strchr("|&;>", *at) || (at == begin && *at == '~' &&
                                    (!at[1] || at[1] == '/' || isspace((unsigned char)at[1]))));
}

bool word_next(char **line, char *pattern, struct word *word)
{
    char *read = *line, *write, quote = '\0';

    while (isspace((unsigned char)*read))
        read++;
    if (!*read)
        return false;
    *word = (struct word){.text = read, .is_redirected = *read == '<'};
    write = read;
    for (; *read && (quote || !isspace((unsigned char)*read)); read++) {
        if (quote ? *read == quote : *read == '\'' || *read == '"') {
            quote = quote ? '\0' : *read;
            continue;
        }
        bool escaped = *read == '\\' && quote != '\'' && read[1];
        if (escaped)
            read++;
        else if (!word->for_shell && is_for_shell(read, word->text, quote))
            word->for_shell = *read;
        bool literal = quote || escaped;
        word->is_pattern |= !literal && strchr("*?[", *read);
        if (literal && strchr("*?[]\\", *read))
            *pattern++ = '\\';
        *write++ = *pattern++ = *read;
    }
    word->is_unfinished = quote != '\0';
    if (*read)
        read++;
    *write = *pattern = '\0';
    *line = read;
    return true;
}
