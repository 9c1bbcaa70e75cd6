#include "analyzer/base/verdict.h"

#include <stdbool.h>

#include "analyzer/base/message.h"

static const struct {
    const char *name;
    const char *colour;
} verdicts[] = {
    [VERDICT_OK] = {"ok", "\033[32m"},
    [VERDICT_WEAK] = {"weak", "\033[33m"},
    [VERDICT_FAIL] = {"fail", "\033[1;31m"},
};

const char *verdict_name(enum verdict verdict)
{
    return verdicts[verdict].name;
}

void verdict_print(FILE *stream, enum verdict verdict)
{
    bool coloured = message_colour(stream);
    fprintf(stream, "%s%-*s%s", coloured ? verdicts[verdict].colour : "", VERDICT_WIDTH,
            verdicts[verdict].name, coloured ? "\033[0m" : "");
}
