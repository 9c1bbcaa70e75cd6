#include "analyzer/base/message.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *program_name = "pgoshim";
static int verbosity = 1;
#define PROGRESS_AFTER_MS 1000
#define PROGRESS_EVERY_MS 100

static uint64_t progress_next_ms; /* not shown before; 0: nothing is under way */
static bool progress_shown;

void message_set_program(const char *program)
{
    program_name = program;
}

void message_set_verbosity(int level)
{
    verbosity = level;
}

int message_verbosity(void)
{
    return verbosity;
}

int message_finish_output(int status)
{
    struct error error;

    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    error_set_errno(&error, ERROR_STANDARD_OUTPUT, "standard output");
    message_error(&error);
    return error_exit_status(error.code);
}

bool message_colour(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fileno(stream)) && !(no_colour && *no_colour) && terminal && *terminal &&
           strcmp(terminal, "dumb") != 0;
}

static void say(const char *colour, const char *label, const char *format, va_list arguments)
{
    bool coloured = message_colour(stderr);
    message_progress_end();
    fprintf(stderr, "%s: ", program_name);
    if (*label)
        fprintf(stderr, "%s%s%s", coloured ? colour : "", label, coloured ? "\033[0m" : "");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void message_error(const struct error *error)
{
    const char *text = error_text(error->code);
    const char *remedy = error_remedy(error->code);
    bool coloured = message_colour(stderr);
    message_progress_end();
    fprintf(stderr, "%s: %s%s%s%s%s%s%s\n", program_name, coloured ? "\033[1;31m" : "",
            error->subject, coloured ? "\033[0m" : "", *text ? " " : "", text,
            *error->detail ? ": " : "", error->detail);
    if (remedy)
        fprintf(stderr, "  remedy: %s\n", remedy);
}

void message_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("\033[1;33m", "warning: ", format, arguments);
    va_end(arguments);
}

void message_note(const char *format, ...)
{
    va_list arguments;
    if (verbosity < 1)
        return;
    va_start(arguments, format);
    say("", "", format, arguments);
    va_end(arguments);
}

void message_detail(const char *format, ...)
{
    va_list arguments;
    if (verbosity < 2)
        return;
    va_start(arguments, format);
    say("", "", format, arguments);
    va_end(arguments);
}

/* Whether a line is due: few are shown, and none of work that is soon done. */
static bool progress_is_due(void)
{
    struct timespec now;
    uint64_t now_ms;
    if (verbosity < 1 || !isatty(STDERR_FILENO))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (progress_next_ms == 0)
        progress_next_ms = now_ms + PROGRESS_AFTER_MS;
    if (now_ms < progress_next_ms)
        return false;
    progress_next_ms = now_ms + PROGRESS_EVERY_MS;
    progress_shown = true;
    return true;
}

void message_progress(const char *what, unsigned long long done, unsigned long long total)
{
    if (!progress_is_due())
        return;
    if (total)
        fprintf(stderr, "\r\033[K%s: %s %llu%%", program_name, what, done * 100 / total);
    else
        fprintf(stderr, "\r\033[K%s: %s %llu", program_name, what, done);
}

void message_progress_text(const char *text)
{
    if (progress_is_due())
        fprintf(stderr, "\r\033[K%s: %s", program_name, text);
}

void message_progress_end(void)
{
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
    progress_next_ms = 0;
}
