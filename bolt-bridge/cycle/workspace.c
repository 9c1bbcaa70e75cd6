#include "bolt-bridge/cycle/workspace.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"

void cycle_say(const struct cycle *cycle, const char *format, ...)
{
    va_list arguments;

    if (cycle->request->quiet)
        return;
    message_progress_end();
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout); /* the next stage may take long */
}

bool cycle_path(const struct cycle *cycle, const char *name, char path[PATH_MAX],
                struct error *error)
{
    return file_path(path, error, "%s/%s", cycle->directory, name);
}

bool cycle_program_path(const struct cycle *cycle, const char *kind, char path[PATH_MAX],
                        struct error *error)
{
    return cycle_path(cycle, kind, path, error) && file_make_directory(path, error) &&
           file_path(path, error, "%s/%s/%s", cycle->directory, kind,
                     text_file_name(cycle->request->binary));
}
