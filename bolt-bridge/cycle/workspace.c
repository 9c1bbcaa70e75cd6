#include "bolt-bridge/cycle/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

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
    if (snprintf(path, PATH_MAX, "%s/%s", cycle->directory, name) < PATH_MAX)
        return true;
    error_set(error, ERROR_WRITE, name, "the name is too long");
    return false;
}

bool cycle_program_path(const struct cycle *cycle, const char *kind, char path[PATH_MAX],
                        struct error *error)
{
    char name[PATH_MAX];

    if (!cycle_path(cycle, kind, path, error))
        return false;
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        error_set_errno(error, ERROR_WRITE, path);
        return false;
    }
    if (snprintf(name, sizeof(name), "%s/%s", kind, text_file_name(cycle->request->binary)) <
        PATH_MAX)
        return cycle_path(cycle, name, path, error);
    error_set(error, ERROR_WRITE, kind, "the name is too long");
    return false;
}

bool cycle_copy(const char *from, const char *to, struct error *error)
{
    struct stat status;
    int source = open(from, O_RDONLY | O_CLOEXEC);

    if (source < 0 || fstat(source, &status) != 0) {
        error_set_errno(error, ERROR_READ, from);
        if (source >= 0)
            close(source);
        return false;
    }
    /* A program that runs cannot be written to, but its name can be given away. */
    unlink(to);
    int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 0777);
    ssize_t copied = target < 0 ? -1 : 1;
    while (copied > 0)
        copied = sendfile(target, source, NULL, 1 << 20);
    if (copied == 0 && fchmod(target, status.st_mode & 0777) != 0)
        copied = -1;
    if (target >= 0 && close(target) != 0)
        copied = -1;
    if (copied != 0)
        error_set_errno(error, ERROR_WRITE, to);
    close(source);
    return copied == 0;
}
