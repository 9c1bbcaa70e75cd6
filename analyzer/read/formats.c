#include "analyzer/read/formats.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/read/text_file.h"

/* In this order: what fits the forms of several is the first of them. */
static const struct reader *const readers[] = {
    &reader_raw,   &reader_perf_data,   &reader_preagg,    &reader_unsymbolized,
    &reader_fdata, &reader_perf_script, &reader_llvm_text, &reader_llvm_ext,
};

/* Copies the next line that counts and goes past it. */
static void next_line(const char **text, char *line, size_t size)
{
    *line = '\0';
    while (**text) {
        size_t length = strcspn(*text, "\n");
        size_t blanks = strspn(*text, " \t\r");
        bool counts = blanks < length && **text != '#';
        if (counts) {
            size_t copied = length < size ? length : size - 1;
            memcpy(line, *text, copied);
            while (copied > 0 && strchr(" \t\r", line[copied - 1]))
                copied--;
            line[copied] = '\0';
        }
        *text += length + ((*text)[length] == '\n');
        if (counts)
            return;
    }
}

static void read_head(const char *path, struct file_head *head)
{
    char name[PATH_MAX];
    int descriptor;
    /* What perf record --threads makes. */
    if (file_is_directory(path) &&
        snprintf(name, sizeof(name), "%s/data", path) < (int)sizeof(name))
        path = name;
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = descriptor < 0 ? -1 : pread(descriptor, head->bytes, FILE_HEAD_SIZE, 0);
    if (descriptor >= 0)
        close(descriptor);
    head->size = got < 0 ? 0 : (size_t)got;
    head->bytes[head->size] = '\0';
    const char *text = text_begin(head->bytes);
    next_line(&text, head->first, sizeof(head->first));
    next_line(&text, head->second, sizeof(head->second));
}

const struct reader *reader_of_file(const char *path)
{
    struct file_head head;
    read_head(path, &head);
    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
        if (readers[i]->fits(&head))
            return readers[i];
    }
    return NULL;
}
