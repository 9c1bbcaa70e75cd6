#include "shim/record/say.h"

#include <stdarg.h>
#include <stdio.h>

void record_say(const char *format, ...)
{
    va_list arguments;
    fputs("pgo-record: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
