#include "analyzer/base/demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/text.h"

/* What compilers add for a part or a copy of a function, which is not the function; or "". */
static const char *copy_suffix(const char *name)
{
    static const char *const suffixes[] = {".cold", ".part.", ".constprop.", ".isra."};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        const char *found = strstr(name, suffixes[i]);
        if (found && (!first || found < first))
            first = found;
    }
    return first ? first : "";
}

char *demangle_name(const char *name, char *text, size_t size)
{
    char *plain = cplus_demangle(name, DMGL_AUTO);
    text_printable(plain ? plain : name, text, size);
    if (plain)
        text_printable(copy_suffix(name), text + strlen(text), size - strlen(text));
    free(plain);
    return text;
}
