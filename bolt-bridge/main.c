/* pgo-bolt: gives recorded profiles to compilers and to BOLT, and proves what it gained. */
#include <stdint.h>
#include <stdlib.h>

#include "analyzer/base/message.h"
#include "analyzer/base/program.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/verbs/verbs.h"

static void show_progress(const char *label, uint64_t seconds)
{
    message_progress(label, seconds, 0);
}

/* Nothing half-written and no orphan stays behind, however the verb ends. */
static void prepare(void)
{
    process_catch_interrupts();
    process_show_progress(show_progress);
    atexit(temporary_clean);
}

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"doctor", "say whether a binary can be relinked and rebuilt, and what to mend",
         verb_doctor},
        {"relink", "rewrite a binary with BOLT by recorded profiles", verb_relink},
        {"tune", "search the options of BOLT that lay a binary out best", verb_tune},
        {"rebuild", "run a build whose compilers use recorded profiles", verb_rebuild},
        {"flags", "print the flags that a release needs to be recorded", verb_flags},
        {"compare", "measure two binaries against each other", verb_compare},
        {"cycle", "record, relink and compare in one go", verb_cycle},
    };
    static const struct program program = {
        .name = "pgo-bolt",
        .purpose = "Give recorded profiles to compilers and to BOLT, and prove what it gained.",
        .examples = "  pgo-bolt doctor ./app\n"
                    "  pgo-bolt cycle ./app -- --typical input.dat\n",
        .verbs = verbs,
        .verb_count = sizeof(verbs) / sizeof(verbs[0]),
        .prepare = prepare,
    };
    return program_run(&program, argc, argv);
}
