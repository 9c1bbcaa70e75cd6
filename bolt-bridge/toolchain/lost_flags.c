#include "bolt-bridge/toolchain/lost_flags.h"

#include <stdio.h>
#include <string.h>

#include "bolt-bridge/toolchain/producer_flags.h"

static bool begins_with_any(const char *word, size_t size, const char *const *beginnings)
{
    for (; *beginnings; beginnings++)
        if (size >= strlen(*beginnings) && strncmp(word, *beginnings, strlen(*beginnings)) == 0)
            return true;
    return false;
}

static bool is_for_code(const char *word, size_t size)
{
    static const char *const for_code[] = {"-m", "-f", "-std=", NULL};
    static const char *const others[] = {"-mllvm",
                                         "-fauto-profile",
                                         "-fno-auto-profile",
                                         "-fprofile",
                                         "-fno-profile",
                                         "-fpseudo-probe",
                                         "-funique-internal-linkage-names",
                                         "-fdebug",
                                         "-fno-debug",
                                         "-frandom-seed",
                                         "-fdump",
                                         "-fdiagnostics",
                                         "-fcolor",
                                         "-frecord",
                                         "-ffile",
                                         "-fmacro-",
                                         "-fcoverage-",
                                         "-fmodules-cache-path",
                                         "-fuse-ld",
                                         NULL};
    return begins_with_any(word, size, for_code) && !begins_with_any(word, size, others) &&
           size > 2;
}

bool lost_flag_find(const char *recorded, const char *made, char *lost, size_t size)
{
    if (!producer_tells_flags(recorded) || !producer_tells_flags(made))
        return false;
    for (const char *at = recorded; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (is_for_code(at, length) && !producer_find_flag(made, at, length)) {
            snprintf(lost, size, "%.*s", (int)length, at);
            return true;
        }
    }
    return false;
}
