#include "bolt-bridge/toolchain/rebuild_answer.h"

#include <stdarg.h>
#include <stdio.h>

void rebuild_answer(struct rebuild *rebuild, bool used, const char *remedy, const char *format, ...)
{
    va_list arguments;
    rebuild->used = used;
    rebuild->remedy = remedy;
    va_start(arguments, format);
    vsnprintf(rebuild->reason, sizeof(rebuild->reason), format, arguments);
    va_end(arguments);
}
