#include "bolt-bridge/toolchain/producer_flags.h"

#include <stdio.h>
#include <string.h>

bool producer_tells_flags(const char *producer)
{
    return strstr(producer, " -") != NULL;
}

const char *producer_find_flag(const char *producer, const char *flag, size_t size)
{
    const char *found = NULL;
    for (const char *at = producer; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == size && strncmp(at, flag, size) == 0)
            found = at;
    }
    return found;
}

bool producer_has_flag(const char *producer, const char *flag, size_t size)
{
    char opposite[128];
    const char *found = producer_find_flag(producer, flag, size);
    if (!found || strncmp(flag, "-f", 2) != 0)
        return found != NULL;
    snprintf(opposite, sizeof(opposite), "-fno-%.*s", (int)size - 2, flag + 2);
    const char *taken_back = producer_find_flag(producer, opposite, strlen(opposite));
    return !taken_back || taken_back < found;
}
