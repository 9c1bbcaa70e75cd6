#include "bolt-bridge/counting/count_tool.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

char **count_tool_command(const struct process *program, char *const *prefix, size_t prefix_count,
                          struct error *error)
{
    size_t count = 0;

    while (program->arguments[count])
        count++;
    char **command = calloc(prefix_count + count + 2, sizeof(*command));
    if (!command) {
        memory_exhausted(error);
        return NULL;
    }
    memcpy(command, prefix, prefix_count * sizeof(*command));
    command[prefix_count] = (char *)program->path;
    for (size_t i = 1; i < count; i++)
        command[prefix_count + i] = program->arguments[i];
    return command;
}
