#include "analyzer/read/text_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/read/byte_file.h"

bool text_open(struct text_file *file, const char *path, struct error *error)
{
    struct byte_file bytes;
    *file = (struct text_file){.path = path, .error = error};
    if (!byte_file_open(&bytes, path, error))
        return false;
    file->descriptor = bytes.descriptor;
    file->buffer = malloc(TEXT_LINE_LIMIT + 1); /* and the last line's end */
    return file->buffer || memory_exhausted(error);
}

void text_close(struct text_file *file)
{
    if (file->descriptor > 0)
        close(file->descriptor);
    free(file->buffer);
    file->buffer = NULL;
}

bool text_garbled(struct text_file *file, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    error_set(file->error, ERROR_PROFILE_LINE, file->path, "line %" PRIu64 ": %s",
              file->line_number, what);
    file->failed = true;
    return false;
}

/* Gets more bytes behind those that are there. */
static bool fill(struct text_file *file)
{
    memmove(file->buffer, file->buffer + file->start, file->end - file->start);
    file->end -= file->start;
    file->start = 0;
    if (file->end == TEXT_LINE_LIMIT) {
        file->line_number++;
        return text_garbled(file, "it has more than %u bytes", TEXT_LINE_LIMIT);
    }
    ssize_t got;
    do
        got = read(file->descriptor, file->buffer + file->end, TEXT_LINE_LIMIT - file->end);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        error_set_errno(file->error, ERROR_READ, file->path);
        file->failed = true;
        return false;
    }
    file->end += (size_t)got;
    file->at_end = got == 0;
    return true;
}

bool text_next(struct text_file *file)
{
    size_t searched = 0;
    if (file->failed)
        return false;
    for (;;) {
        char *begin = file->buffer + file->start;
        size_t size = file->end - file->start;
        char *newline = memchr(begin + searched, '\n', size - searched);
        if (!newline && file->at_end && size > 0)
            newline = begin + size; /* the last line may lack its end */
        if (newline) {
            size_t length = (size_t)(newline - begin);
            progress_step("reading lines", ++file->line_number, 0);
            file->start += length < size ? length + 1 : length;
            *newline = '\0';
            if (length > 0 && newline[-1] == '\r')
                newline[-1] = '\0';
            file->line = begin;
            if (file->line_number == 1)
                file->line += text_begin(begin) - begin;
            return !memchr(begin, '\0', length > 0 ? length - 1 : 0) ||
                   text_garbled(file, "it has a byte of 0: this is not text");
        }
        if (file->at_end)
            return false;
        searched = size;
        if (!fill(file))
            return false;
    }
}

bool text_next_filled(struct text_file *file)
{
    while (text_next(file)) {
        if (*file->line != '#' && !text_is_over(file->line))
            return true;
    }
    return false;
}

static char *skip_blanks(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

static int digit_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return 16;
}

static bool take_digits(char **text, char *at, int base, uint64_t *number)
{
    uint64_t value = 0;
    if (digit_value(*at) >= base)
        return false;
    for (; digit_value(*at) < base; at++) {
        if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit_value(*at), &value))
            return false;
    }
    *number = value;
    *text = at;
    return true;
}

bool text_take_number(char **text, uint64_t *number)
{
    return take_digits(text, skip_blanks(*text), 10, number);
}

bool text_take_hex(char **text, uint64_t *number)
{
    char *at = skip_blanks(*text);
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        at += 2;
    return take_digits(text, at, 16, number);
}

bool text_take_character(char **text, char character)
{
    char *at = skip_blanks(*text);
    if (*at != character)
        return false;
    *text = at + 1;
    return true;
}

char *text_take_word(char **text)
{
    char *word = skip_blanks(*text);
    char *end = word + strcspn(word, " \t");
    if (*word == '\0')
        return NULL;
    *text = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

const char *text_begin(const char *text)
{
    bool is_marked = strncmp(text, TEXT_MARK, strlen(TEXT_MARK)) == 0;
    return is_marked ? text + strlen(TEXT_MARK) : text;
}

bool text_is_over(const char *text)
{
    return text[strspn(text, " \t")] == '\0';
}
