#include "analyzer/base/demangle.h"

#include <libiberty/demangle.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/abbreviate.h"
#include "analyzer/base/text.h"

/* What compilers add for a part or a copy of a function, which is not the function; or "". */
static const char *copy_suffix(const char *name)
{
    static const char *const suffixes[] = {".cold",       ".warm",    ".part.",
                                           ".constprop.", ".isra.",   ".resume",
                                           ".destroy",    ".cleanup", ".actor"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        const char *found = strstr(name, suffixes[i]);
        if (found && (!first || found < first))
            first = found;
    }
    return first ? first : "";
}

/* D's names look like no other's, and libiberty tries them only where it is told to. */
static bool is_of_d(const char *name)
{
    return name[0] == '_' && name[1] == 'D' && name[2] >= '1' && name[2] <= '9';
}

char *demangle_name(const char *name, char *text, size_t size)
{
    char *plain = cplus_demangle(name, is_of_d(name) ? DMGL_DLANG : DMGL_AUTO);
    const char *suffix = plain ? copy_suffix(name) : "";
    size_t room = size > strlen(suffix) ? size - strlen(suffix) - 1 : 0;
    if (plain)
        name_cut_middle(name_abbreviate(plain, room), room);
    text_printable(plain ? plain : name, text, size);
    text_printable(suffix, text + strlen(text), size - strlen(text));
    free(plain);
    return text;
}
