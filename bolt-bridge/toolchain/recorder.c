#include "bolt-bridge/toolchain/recorder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "bolt-bridge/process/run.h"

static bool find_beside(const char *name, char *path)
{
    char own[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

    if (length <= 0)
        return false;
    own[length] = '\0';
    char *slash = strrchr(own, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return snprintf(path, PATH_MAX, "%s/%s", own, name) < PATH_MAX &&
           process_find_program(path, path, PATH_MAX);
}

bool recorder_find(char *path, struct error *error)
{
    const char *asked = getenv("PGO_RECORD");

    if (asked && *asked) {
        if (process_find_program(asked, path, PATH_MAX))
            return true;
        error_set(error, ERROR_TOOL_MISSING, asked, "named by PGO_RECORD in the environment");
        return false;
    }
    if (find_beside("pgo-record", path) || process_find_program("pgo-record", path, PATH_MAX))
        return true;
    error_set(error, ERROR_TOOL_MISSING, "pgo-record",
              "it belongs beside pgo-bolt or into PATH; PGO_RECORD can name it");
    return false;
}

char **recorder_arguments(const char *path, const struct recorder_settings *settings,
                          char *const *command, size_t command_count, struct error *error)
{
    const struct {
        char *option;
        const char *value;
    } options[] = {
        {"-o", settings->pattern},
        {"-F", settings->rate},
        {"--budget", settings->budget},
        {"-B", settings->branches},
    };
    char **arguments = calloc(command_count + 12, sizeof(*arguments));
    size_t count = 0;

    if (!arguments) {
        memory_exhausted(error);
        return NULL;
    }
    arguments[count++] = (char *)path;
    arguments[count++] = "-q"; /* what it says would be taken for the program's output */
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (options[i].value) {
            arguments[count++] = options[i].option;
            arguments[count++] = (char *)options[i].value;
        }
    }
    arguments[count++] = "--";
    memcpy(arguments + count, command, command_count * sizeof(*arguments));
    return arguments;
}
