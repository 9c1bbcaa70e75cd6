#include "analyzer/write/html/frame.h"

#include "analyzer/write/html/text.h"

/* The files page.css and page.js, which are part of the program. */
#define EMBED(name, file)                                                                          \
    __asm__(".pushsection .rodata\n" #name ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n");     \
    extern const char name[] __attribute__((visibility("hidden")))
EMBED(html_page_style, "analyzer/write/html/page.css");
EMBED(html_page_script, "analyzer/write/html/page.js");

void html_frame_begin(FILE *stream, const char *subject, const char *kind,
                      const struct html_link *sections)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          stream);
    html_text(stream, subject);
    fprintf(stream, " – %s</title>\n<style>\n%s</style></head>\n<body>\n<header><h1>", kind,
            html_page_style);
    html_text(stream, subject);
    fputs("</h1>\n<nav aria-label=\"sections\">", stream);
    for (size_t i = 0; sections[i].id; i++)
        fprintf(stream, "%s<a href=\"#%s\">%s</a>", i > 0 ? " " : "", sections[i].id,
                sections[i].text);
    fputs("</nav></header>\n<main>\n", stream);
}

void html_frame_end(FILE *stream, const char *program, bool moves)
{
    fprintf(stream,
            "</main>\n<footer class=\"small\">Made by %s %s. This page needs no "
            "network.</footer>\n",
            program, PGOSHIM_VERSION);
    if (moves)
        fprintf(stream, "<script>\n%s</script>\n", html_page_script);
    fputs("</body></html>\n", stream);
}

void html_table_begin(FILE *stream, const char *style, const char *const *columns)
{
    fprintf(stream, "<div class=\"scroll\"><table class=\"%s\"><thead><tr>", style);
    for (size_t i = 0; columns[i]; i++)
        fprintf(stream, "<th scope=\"col\">%s</th>", columns[i]);
    fputs("</tr></thead><tbody>\n", stream);
}

void html_table_end(FILE *stream)
{
    fputs("</tbody></table></div>\n", stream);
}

void html_verdict(FILE *stream, enum verdict verdict, const char *text)
{
    fprintf(stream, "<b class=\"v %s\">", verdict_name(verdict));
    html_text(stream, text);
    fputs("</b>", stream);
}

void html_check_begin(FILE *stream, const char *name, enum verdict verdict)
{
    fprintf(stream, "<tr><th scope=\"row\">%s</th><td>", name);
    html_verdict(stream, verdict, verdict_name(verdict));
    fputs("</td><td>", stream);
}

unsigned html_heat(uint64_t count, uint64_t most)
{
    double share = most > 0 ? (double)count / (double)most : 0;
    if (count == 0)
        return 0;
    return share > 0.5 ? 5 : share > 0.2 ? 4 : share > 0.05 ? 3 : share > 0.01 ? 2 : 1;
}
