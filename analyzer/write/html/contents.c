#include "analyzer/write/html/contents.h"

#include <string.h>

#include "analyzer/base/demangle.h"
#include "analyzer/base/text.h"
#include "analyzer/write/html/text.h"

#define WHOLE_SIZE 2048
#define SHOWN_SIZE 160

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

void html_page_name_write(const struct html_page *page, const struct function_cost *cost,
                          FILE *stream)
{
    char whole[WHOLE_SIZE], shown[SHOWN_SIZE];
    html_page_name(page, cost, whole, sizeof(whole));
    html_page_name(page, cost, shown, sizeof(shown));
    fputs("<code", stream);
    if (strcmp(whole, shown) != 0) {
        fputs(" title=\"", stream);
        html_text(stream, whole);
        fputs("\"", stream);
    }
    fputs(">", stream);
    html_text(stream, shown);
    fputs("</code>", stream);
}
