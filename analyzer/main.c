/* pgo-analyze: reads recorded profiles, shows them and converts them. */
#include "analyzer/base/program.h"
#include "analyzer/verbs/verbs.h"

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"report", "show where the time goes: functions, calls, branches", verb_report},
        {"annotate", "show a function's code with what ran, and where branches went",
         verb_annotate},
        {"convert", "convert into the formats of BOLT and other tools", verb_convert},
        {"check", "say whether a profile is good enough, and of this build", verb_check},
        {"merge", "merge several profiles of one kind into one", verb_merge},
        {"overlap", "how much two profiles have in common", verb_overlap},
        {"diff", "what got hotter or colder from one profile to another", verb_diff},
        {"trim", "a part of a profile: a module, a process, what is not rare", verb_trim},
        {"show", "show what is in a raw profile: modules and counters", verb_show},
    };
    static const struct program program = {
        .name = "pgo-analyze",
        .purpose = "Show and convert the profiles that pgo-record makes.",
        .examples = "  pgo-record -o app.pgoraw -- ./app input.txt\n"
                    "  pgo-analyze report app.pgoraw\n"
                    "  pgo-analyze convert -b ./app -f fdata -o app.fdata app.pgoraw\n",
        .verbs = verbs,
        .verb_count = sizeof(verbs) / sizeof(verbs[0]),
    };
    return program_run(&program, argc, argv);
}
