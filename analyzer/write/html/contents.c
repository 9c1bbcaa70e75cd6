#include "analyzer/write/html/contents.h"

#include <stdio.h>

#include "analyzer/base/demangle.h"
#include "analyzer/base/text.h"

char *html_page_name(const struct html_page *page, const struct function_cost *cost, char *text,
                     size_t size)
{
    if (cost->function && page->demangled)
        return demangle_name(cost->function->name, text, size);
    if (cost->function)
        return text_printable(cost->function->name, text, size);
    if (cost->module == PROFILE_MODULE_NONE)
        snprintf(text, size, "[truncated]");
    else if (cost->module >= page->profile->module_count)
        snprintf(text, size, "[unknown]");
    else
        snprintf(text, size, "[%s]", text_file_name(page->profile->modules[cost->module].path));
    return text;
}
