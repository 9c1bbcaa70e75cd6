#include "bolt-bridge/toolchain/command_words.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"

void command_words_free(struct command_words *words)
{
    free(words->text);
    free(words->items);
    *words = (struct command_words){0};
}

static bool add(struct command_words *words, char *word, struct error *error)
{
    if (!memory_reserve(&words->items, &words->capacity, words->count + 1, sizeof(*words->items),
                        error))
        return false;
    words->items[words->count++] = word;
    return true;
}

/* A backslash stands before quotes and backslashes. */
bool command_words_quoted(struct command_words *words, const char *line, struct error *error)
{
    char *to = words->text = memory_copy_text(line, error);
    bool done = to != NULL;
    for (const char *at = line; done && (at = strchr(at, '"'));) {
        char *word = to;
        for (at++; *at && *at != '"'; at++) {
            at += *at == '\\' && at[1];
            *to++ = *at;
        }
        at += *at == '"';
        *to++ = '\0'; /* where a quote was */
        done = add(words, word, error);
    }
    return done;
}

bool command_words_by_tabs(struct command_words *words, const char *line, struct error *error)
{
    words->text = memory_copy_text(line, error);
    if (!words->text)
        return false;
    text_end_before(words->text, "\n");
    char *rest = NULL;
    for (char *word = strtok_r(words->text, "\t", &rest); word; word = strtok_r(NULL, "\t", &rest))
        if (!add(words, word, error))
            return false;
    return true;
}

const char *command_words_after(const struct command_words *words, const char *prefix)
{
    for (size_t i = words->count; i-- > 0;)
        if (strncmp(words->items[i], prefix, strlen(prefix)) == 0)
            return words->items[i] + strlen(prefix);
    return NULL;
}

const char *command_words_behind(const struct command_words *words, const char *option)
{
    for (size_t i = 0; i + 1 < words->count; i++)
        if (strcmp(words->items[i], option) == 0)
            return words->items[i + 1];
    return NULL;
}

bool command_words_have(const struct command_words *words, const char *wanted)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], wanted) == 0)
            return true;
    return false;
}
