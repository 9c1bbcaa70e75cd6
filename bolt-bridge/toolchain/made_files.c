#include "bolt-bridge/toolchain/made_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bolt-bridge/toolchain/command_words.h"

static void remove_new(const char *path, const struct timespec *started)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
        (status.st_mtim.tv_sec > started->tv_sec ||
         (status.st_mtim.tv_sec == started->tv_sec && status.st_mtim.tv_nsec >= started->tv_nsec)))
        unlink(path);
}

/* The file behind -o, and what libtool made of an object. */
static void remove_made(const struct command_words *words, const char *directory,
                        const struct timespec *started)
{
    const char *made = command_words_behind(words, "-o");
    char path[PATH_MAX], other[PATH_MAX + 8];
    if (!made || snprintf(path, sizeof(path), "%s%s%s", *made == '/' ? "" : directory,
                          *made == '/' ? "" : "/", made) >= (int)sizeof(path))
        return;
    remove_new(path, started);
    size_t size = strlen(path);
    if (size < 2 || strcmp(path + size - 2, ".o") != 0)
        return;
    snprintf(other, sizeof(other), "%.*s.lo", (int)size - 2, path);
    remove_new(other, started);
}

bool made_files_remove(const char *log, const struct timespec *started, struct error *error)
{
    char *line = NULL, directory[PATH_MAX] = "";
    size_t capacity = 0;
    bool done = true;
    FILE *stream = fopen(log, "re");
    while (done && stream && getline(&line, &capacity, stream) > 0) {
        struct command_words words = {0};
        done = command_words_quoted(&words, line, error);
        const char *told = command_words_after(&words, "-fdebug-compilation-dir=");
        if (told)
            snprintf(directory, sizeof(directory), "%s", told);
        /* Links follow what they link, in its directory mostly; other paths are not there. */
        if (done && words.count > 0)
            remove_made(&words, directory, started);
        command_words_free(&words);
    }
    free(line);
    if (stream)
        fclose(stream);
    return done;
}
