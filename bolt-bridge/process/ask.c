#include "bolt-bridge/process/ask.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bolt-bridge/process/temporary.h"

#define ASK_SECONDS 60
#define QUOTED_LINES 6

static bool read_text(const char *path, char *text, size_t size, struct error *error)
{
    FILE *stream = fopen(path, "re");
    if (!stream) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    memset(text, 0, size);
    bool done = fread(text, 1, size - 1, stream) > 0 || !ferror(stream);
    if (!done)
        error_set_errno(error, ERROR_READ, path);
    fclose(stream);
    return done;
}

void ask_describe_failure(const char *path, const struct process_result *result,
                          const char *error_file, struct error *error)
{
    char how[256], tail[2560];

    process_describe(result, how, sizeof(how));
    process_quote_tail(error_file, QUOTED_LINES, tail, sizeof(tail));
    error_set(error, ERROR_TOOL_FAILED, path, "it %s%s%s", how,
              *tail ? "; it said:" : " and said nothing", tail);
}

bool process_ask(const char *path, char *const *arguments, char *text, size_t size,
                 struct error *error)
{
    char output[PATH_MAX], errors[PATH_MAX];
    struct process process = {.path = path,
                              .arguments = arguments,
                              .output_file = output,
                              .error_file = errors,
                              .timeout = ASK_SECONDS};
    struct process_result result;

    if (!temporary_path("asked.out", output, error) ||
        !temporary_path("asked.err", errors, error) || !process_run(&process, &result, error))
        return false;
    if (process_succeeded(&result))
        return read_text(output, text, size, error);
    ask_describe_failure(path, &result, errors, error);
    return false;
}

bool ask_word_after(const char *text, const char *key, char *word, size_t size)
{
    const char *at = strstr(text, key);
    if (!at)
        return false;
    at += strlen(key);
    snprintf(word, size, "%.*s", (int)strcspn(at, " \t\r\n"), at);
    return true;
}
