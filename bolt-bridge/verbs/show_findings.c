#include "bolt-bridge/verbs/show_findings.h"

#include <stdio.h>

#include "analyzer/base/message.h"

void findings_print(const struct findings *findings)
{
    static const char *const words[] = {"good", "warn", "FAULT"};
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    bool coloured = message_colour(stdout);

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        printf("  %s%-5s%s  %-16s %s\n", coloured ? colours[finding->grade] : "",
               words[finding->grade], coloured ? "\033[0m" : "", finding->subject, finding->text);
        if (*finding->remedy)
            printf("         %-16s remedy: %s\n", "", finding->remedy);
    }
}

void findings_say(const struct findings *findings, size_t first)
{
    for (size_t i = first; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->grade == GRADE_GOOD) {
            message_detail("%s: %s", finding->subject, finding->text);
            continue;
        }
        message_warning("%s: %s", finding->subject, finding->text);
        message_note("  remedy: %s", finding->remedy);
    }
}

json_t *findings_json(const struct findings *findings)
{
    static const char *const words[] = {"good", "warning", "fault"};
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s*}", "subject", finding->subject,
                                              "grade", words[finding->grade], "text", finding->text,
                                              "remedy", *finding->remedy ? finding->remedy : NULL));
    }
    return list;
}

bool findings_are_good(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].grade == GRADE_FAULT)
            return false;
    return true;
}
