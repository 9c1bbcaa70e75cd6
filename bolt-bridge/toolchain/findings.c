#include "bolt-bridge/toolchain/findings.h"

#include <stdarg.h>
#include <stdio.h>

void findings_add(struct findings *findings, const char *subject, enum verdict verdict,
                  const char *remedy, const char *format, ...)
{
    if (findings->count == FINDINGS_MAX)
        return;
    struct finding *finding = &findings->items[findings->count++];
    va_list arguments;
    finding->subject = subject;
    finding->verdict = verdict;
    snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy ? remedy : "");
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
}
