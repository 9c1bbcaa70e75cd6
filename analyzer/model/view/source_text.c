#include "analyzer/model/view/source_text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"

/* Larger files are no source that anybody wrote. */
#define LARGEST_SOURCE (64u << 20)
#define TAB 8

struct source_file {
    char *path;    /* as the compiler had it */
    char *bytes;   /* with a NUL behind; NULL: not there */
    size_t *lines; /* where each begins */
    size_t line_count, line_capacity;
};

struct source_texts {
    const char *const *directories;
    struct source_file *files;
    size_t file_count, file_capacity;
    size_t last; /* the file that was asked for last */
};

struct source_texts *source_texts_new(const char *const *directories, struct error *error)
{
    struct source_texts *texts = calloc(1, sizeof(*texts));
    if (!texts)
        memory_exhausted(error);
    else
        texts->directories = directories;
    return texts;
}

void source_texts_free(struct source_texts *texts)
{
    if (!texts)
        return;
    for (size_t i = 0; i < texts->file_count; i++) {
        free(texts->files[i].path);
        free(texts->files[i].bytes);
        free(texts->files[i].lines);
    }
    free(texts->files);
    free(texts);
}

/* The whole of a regular file: debug information may name anything. */
static char *read_source(const char *path)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char *bytes = NULL;
    size_t used = 0;
    if (descriptor < 0)
        return NULL;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size <= LARGEST_SOURCE)
        bytes = calloc((size_t)status.st_size + 1, 1);
    while (bytes && used < (size_t)status.st_size) {
        ssize_t got = read(descriptor, bytes + used, (size_t)status.st_size - used);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(descriptor);
    return bytes;
}

static char *find_source(const struct source_texts *texts, const struct source_place *place)
{
    char path[PATH_MAX];
    char *bytes = NULL;
    if (place->file[0] == '/')
        bytes = read_source(place->file);
    else if (place->directory && snprintf(path, sizeof(path), "%s/%s", place->directory,
                                          place->file) < (int)sizeof(path))
        bytes = read_source(path);
    for (size_t i = 0; !bytes && texts->directories && texts->directories[i]; i++) {
        for (const char *rest = place->file; !bytes && rest;) {
            if (snprintf(path, sizeof(path), "%s/%s", texts->directories[i], rest) <
                (int)sizeof(path))
                bytes = read_source(path);
            rest = strchr(rest, '/');
            rest = rest ? rest + 1 : NULL;
        }
    }
    return bytes;
}

static void find_lines(struct source_file *file)
{
    struct error unused;
    for (char *at = file->bytes; at && *at;) {
        if (!memory_reserve(&file->lines, &file->line_capacity, file->line_count + 1,
                            sizeof(*file->lines), &unused))
            return;
        file->lines[file->line_count++] = (size_t)(at - file->bytes);
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
}

static const struct source_file *file_of(struct source_texts *texts,
                                         const struct source_place *place)
{
    struct error unused;
    if (texts->last < texts->file_count && strcmp(texts->files[texts->last].path, place->file) == 0)
        return &texts->files[texts->last];
    for (size_t i = 0; i < texts->file_count; i++) {
        if (strcmp(texts->files[i].path, place->file) == 0) {
            texts->last = i;
            return &texts->files[i];
        }
    }
    char *path = memory_copy_text(place->file, &unused);
    if (!path || !memory_reserve(&texts->files, &texts->file_capacity, texts->file_count + 1,
                                 sizeof(*texts->files), &unused)) {
        free(path);
        return NULL;
    }
    struct source_file *file = &texts->files[texts->file_count++];
    *file = (struct source_file){.path = path, .bytes = find_source(texts, place)};
    find_lines(file);
    return file;
}

const char *source_texts_line(struct source_texts *texts, struct source_place place, char *text,
                              size_t size)
{
    const struct source_file *file = place.file ? file_of(texts, &place) : NULL;
    char line[1024];
    size_t used = 0;
    if (!file || place.line == 0 || place.line > file->line_count)
        return NULL;
    const char *at = file->bytes + file->lines[place.line - 1];
    for (; *at && *at != '\n' && *at != '\r' && used + TAB + 1 < sizeof(line); at++) {
        line[used++] = *at == '\t' ? ' ' : *at;
        while (*at == '\t' && used % TAB != 0)
            line[used++] = ' ';
    }
    line[used] = '\0';
    return text_printable(line, text, size);
}

size_t source_texts_missing(const struct source_texts *texts, const char **first)
{
    size_t missing = 0;
    *first = NULL;
    for (size_t i = 0; i < texts->file_count; i++) {
        if (!texts->files[i].bytes && missing++ == 0)
            *first = texts->files[i].path;
    }
    return missing;
}
