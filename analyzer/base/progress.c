#include "analyzer/base/progress.h"

#include <stddef.h>

#define STEPS_UNTOLD 1024u

static progress_listener *listening;
static unsigned steps;

void progress_listen(progress_listener *listener)
{
    listening = listener;
}

void progress_step(const char *what, unsigned long long done, unsigned long long total)
{
    if (listening && ++steps % STEPS_UNTOLD == 0)
        listening(what, done, total);
}
