#include "shim/core/ground/notes.h"

#include <string.h>
#include <sys/stat.h>

#include "shim/core/ground/system_call.h"

#define LARGEST_FILE 65536 /* bytes; one line more is borne */

/* The path, not a descriptor: the application may close or reuse any number. */
static char notes_path[1024];

void notes_start(const char *value)
{
    if (value && strlen(value) < sizeof(notes_path))
        memcpy(notes_path, value, strlen(value) + 1);
}

const char *notes_place(void)
{
    return notes_path;
}

struct note_line {
    char text[1400];
    size_t length;
};

/* Adds `text`, cut to what is left; what would end the line or the field becomes a space. */
static void line_add(struct note_line *line, const char *text, size_t size)
{
    for (size_t i = 0; i < size && text[i] && line->length + 1 < sizeof(line->text); i++)
        line->text[line->length++] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
}

static void line_end_field(struct note_line *line, char end)
{
    if (line->length < sizeof(line->text))
        line->text[line->length++] = end;
}

static void line_add_number(struct note_line *line, unsigned long number)
{
    char digits[24];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    line_add(line, digits + at, sizeof(digits) - at);
}

static void line_write(const struct note_line *line)
{
    struct stat status;
    long descriptor = system_call(SYS_openat, AT_FDCWD, notes_path,
                                  O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return;
    if (system_call(SYS_fstat, descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size < LARGEST_FILE)
        system_call(SYS_write, descriptor, line->text, line->length);
    system_call(SYS_close, descriptor);
}

void notes_add(const char *program, const char *reason)
{
    struct note_line line = {.length = 0};
    char own[512];
    long length;

    if (!notes_path[0])
        return;
    if (!program) {
        length = system_call(SYS_readlink, "/proc/self/exe", own, sizeof(own) - 1);
        own[length > 0 ? length : 0] = '\0';
        program = own;
    }
    line_add_number(&line, (unsigned long)system_call(SYS_getpid));
    line_end_field(&line, '\t');
    line_add(&line, program, 511);
    line_end_field(&line, '\t');
    line_add(&line, reason, 800);
    line_end_field(&line, '\n');
    line_write(&line);
}
