#include "bolt-bridge/cycle/choose.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "bolt-bridge/choosing/choice.h"
#include "bolt-bridge/counting/verdict.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"

/* What BOLT made of each build, by the build's number. */
struct relinking {
    struct cycle *cycle;
    const struct choice *choice;
    struct cycle_subject subject;
    char label[64];
    struct relink_result results[CHOICE_KINDS];
};

/* What a rebuild finds weak, the checklist judges. */
static void pass_over(const struct findings *findings, size_t first)
{
    (void)findings, (void)first;
}

/* The build without a profile is what was recorded; others are recorded where they moved. */
static bool relink(void *context, const struct choice_build *build, struct choice_build *relinked,
                   struct error *error)
{
    struct relinking *relinking = context;
    struct cycle *cycle = relinking->cycle;
    struct cycle_subject *subject = &relinking->subject;
    const struct relink_request checked = {.binary = build->path};
    char kind[64];
    bool moved;

    /* The program that was recorded first has the label "plain" already. */
    snprintf(relinking->label, sizeof(relinking->label), "rebuilt-%s", build->name);
    *subject = (struct cycle_subject){.label = relinking->label};
    snprintf(subject->path, sizeof(subject->path), "%s", build->path);
    snprintf(kind, sizeof(kind), "relinked-%s", build->name);
    if (!relink_check(&checked, error) || !cycle_code_moved(cycle, subject, &moved, error) ||
        (moved && (!cycle_record(cycle, subject, error) || !cycle_merge(cycle, subject, error))) ||
        !cycle_relink(cycle, subject, kind, relinked->path, error))
        return false;
    relinking->results[build->made_of] = cycle->relink;
    return true;
}

static void say(const struct cycle *cycle, const struct choice *choice)
{
    char text[256];
    for (size_t i = 1; i < choice->count; i++) {
        const struct choice_build *build = &choice->builds[i];
        count_sentence(&build->judgement, text, sizeof(text));
        cycle_say(cycle, "rebuild: by %s: %s", build->name, *build->reason ? build->reason : text);
    }
    cycle_say(cycle, "rebuild: %s%s", choice->winner > 0 ? "the best is " : "",
              choice->winner > 0 ? choice->builds[choice->winner].name
                                 : "none is better than without a profile, which is taken");
}

static bool take(struct relinking *relinking, struct error *error)
{
    const struct choice *choice = relinking->choice;
    struct cycle *cycle = relinking->cycle;
    const struct choice_build *winner = &choice->builds[choice->winner];

    say(cycle, choice);
    cycle->has_relinked = choice->winner >= choice->built;
    cycle->relink = relinking->results[winner->made_of];
    return !cycle->has_relinked || file_copy(winner->path, cycle->relinked, true, error);
}

static bool choose(struct relinking *relinking, struct choice *choice,
                   const struct rebuild_request *rebuild, struct error *error)
{
    struct cycle *cycle = relinking->cycle;
    const struct cycle_request *asked = cycle->request;
    const struct choice_request request = {.rebuild = *rebuild,
                                           .workloads = asked->workloads,
                                           .output_may_differ =
                                               asked->tolerance.output || asked->tolerance.errors,
                                           .tell = pass_over,
                                           .relink = asked->without_bolt ? NULL : relink,
                                           .relink_context = relinking};
    relinking->choice = choice;
    bool done = choice_make(choice, &request, error) && take(relinking, error);
    choice_free(choice);
    return done;
}

bool cycle_choose(struct cycle *cycle, const struct rebuild_request *rebuild, struct error *error)
{
    struct relinking *relinking = calloc(1, sizeof(*relinking));
    struct choice *choice = calloc(1, sizeof(*choice));
    bool done = relinking && choice;
    if (done) {
        relinking->cycle = cycle;
        done = choose(relinking, choice, rebuild, error);
    } else {
        memory_exhausted(error);
    }
    free(relinking);
    free(choice);
    return done;
}
