#include "shim/core/ground/log.h"

#include <stdarg.h>
#include <string.h>
#include <sys/types.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"

/* The path, not a descriptor: the application may close or reuse any number. */
static char log_path[1024];

void log_start(const char *value)
{
    if (!value || !*value || strcmp(value, "0") == 0 || strlen(value) >= sizeof(log_path))
        return;
    text_print(log_path, sizeof(log_path), "%s", strcmp(value, "1") == 0 ? "-" : value);
}

const char *log_place(void)
{
    return log_path;
}

static void line_write(const char *line, size_t length)
{
    long descriptor = 2;
    if (strcmp(log_path, "-") != 0) {
        descriptor = system_call(SYS_openat, AT_FDCWD, log_path,
                                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return;
    }
    system_call(SYS_write, descriptor, line, length);
    if (descriptor != 2)
        system_call(SYS_close, descriptor);
}

void log_line(const char *format, ...)
{
    char line[1200];
    size_t length;
    va_list arguments;

    if (!*log_path)
        return;
    length = text_print(line, sizeof(line), "pgoshim[%d]: ", (int)system_call(SYS_getpid));
    va_start(arguments, format);
    length += text_print_list(line + length, sizeof(line) - length - 1, format, arguments);
    va_end(arguments);
    if (length > sizeof(line) - 2)
        length = sizeof(line) - 2;
    line[length++] = '\n';
    line_write(line, length);
}

void log_event(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    const uint64_t numbers[] = {a, b, c, d, e};
    char line[400];
    size_t length = strnlen(text, 200);

    if (!*log_path)
        return;
    memcpy(line, text, length);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        line[length++] = ' ';
        for (int shift = 60; shift >= 0; shift -= 4)
            if (numbers[i] >> shift || shift == 0)
                line[length++] = "0123456789abcdef"[numbers[i] >> shift & 15];
    }
    line[length++] = '\n';
    line_write(line, length);
}
