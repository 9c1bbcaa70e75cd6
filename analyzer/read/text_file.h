/*
 * Text files by lines, for the readers of this room: read in pieces, a line at
 * a time, with errors that name the file and the line.
 */
#ifndef ANALYZER_READ_TEXT_FILE_H
#define ANALYZER_READ_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"

/* No line of a profile comes near this; a file with a longer one is refused. */
#define TEXT_LINE_LIMIT (1u << 20)

/* What editors of Windows put before text in UTF-8. */
#define TEXT_MARK "\xef\xbb\xbf"

struct text_file {
    const char *path;
    int descriptor;
    char *buffer;
    size_t start, end; /* the bytes in it that are still to be looked at */
    bool at_end;       /* of the file: there are no more bytes than those */
    bool failed;
    char *line; /* the line that text_next found, without its end */
    uint64_t line_number;
    struct error *error;
};

/* `path` and `error` must outlive it.  text_close takes a file that was not opened, too. */
bool text_open(struct text_file *file, const char *path, struct error *error);
void text_close(struct text_file *file);

/* Finds the next line, behind TEXT_MARK in the first one; false at the end of the file and where it
 * `failed`. */
bool text_next(struct text_file *file);

/* The same, where lines with nothing in them do not count, nor those that begin with '#'. */
bool text_next_filled(struct text_file *file);

/* Sets the error to ERROR_PROFILE_LINE at the present line, marks the file, and returns false. */
bool text_garbled(struct text_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Take one thing off the beginning of the text, after blanks.  False where it is
 * not there, or a number has more than 64 bits; the text is then as it was.
 */
bool text_take_number(char **text, uint64_t *number); /* decimal */
bool text_take_hex(char **text, uint64_t *number);    /* with or without 0x */
bool text_take_character(char **text, char character);

/* The next word, ended with NUL, or NULL at the end of the text. */
char *text_take_word(char **text);

/* Where the text begins: behind TEXT_MARK. */
const char *text_begin(const char *text);

/* Whether nothing but blanks is left. */
bool text_is_over(const char *text);

#endif
