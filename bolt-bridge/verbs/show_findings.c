#include "bolt-bridge/verbs/show_findings.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/base/message.h"
#include "analyzer/base/terminal.h"
#include "analyzer/write/json_parts.h"

#define TEXT_COLUMN 25

void findings_print(const struct findings *findings)
{
    size_t width = terminal_width(stdout);

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        fputs("  ", stdout);
        verdict_print(stdout, finding->verdict);
        printf("  %-16s ", finding->subject);
        text_print_words(stdout, finding->text, TEXT_COLUMN, width);
        fputc('\n', stdout);
        if (*finding->remedy) {
            printf("%*sremedy: ", TEXT_COLUMN, "");
            text_print_words(stdout, finding->remedy, TEXT_COLUMN + (size_t)strlen("remedy: "),
                             width);
            fputc('\n', stdout);
        }
    }
}

void findings_say(const struct findings *findings, size_t first)
{
    for (size_t i = first; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->verdict == VERDICT_OK) {
            message_detail("%s: %s", finding->subject, finding->text);
            continue;
        }
        message_warning("%s: %s", finding->subject, finding->text);
        message_note("  remedy: %s", finding->remedy);
    }
}

json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o*}", "subject", finding->subject, "verdict",
                            verdict_name(finding->verdict), "text", json_text(finding->text),
                            "remedy", *finding->remedy ? json_text(finding->remedy) : NULL));
    }
    return list;
}

bool findings_are_good(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].verdict == VERDICT_FAIL)
            return false;
    return true;
}
