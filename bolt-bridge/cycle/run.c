#include "bolt-bridge/cycle/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/choosing/choice.h"
#include "bolt-bridge/cycle/page.h"
#include "bolt-bridge/cycle/report.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"
#include "bolt-bridge/process/orphans.h"

/* Whose program is in the file that the build makes; a stage of the state. */
#define PROGRAM_STAGE "program"
#define PROGRAM_BUILDING "building"
/* The binary that was handed over; another stage. */
#define OUTPUT_STAGE "output"
/* The HTML page about it; another one. */
#define PAGE_STAGE "page"

static bool find_directory(struct cycle *cycle, struct error *error)
{
    const char *asked = cycle->request->directory;
    char probe[PATH_MAX];

    if (asked) {
        if (!file_make_directory(asked, error))
            return false;
        snprintf(probe, sizeof(probe), "%s", asked);
    } else if (!temporary_path("", probe, error)) {
        return false;
    }
    if (!realpath(probe, cycle->directory) || access(cycle->directory, W_OK | X_OK) != 0) {
        error_set_errno(error, ERROR_WRITE, probe);
        return false;
    }
    if (strchr(cycle->directory, '%')) {
        error_set(error, ERROR_WRITE, cycle->directory,
                  "pgo-record takes the %% in its name for a pattern");
        return false;
    }
    return true;
}

static bool digest_of(const char *path, char digest[STATE_KEY_SIZE], struct error *error)
{
    struct state_key key;

    state_key_begin(&key);
    state_key_file(&key, path);
    return state_key_finish(&key, digest, error);
}

/*
 * The build writes over the program, so that a copy is recorded and compared with.
 * Where an earlier cycle was interrupted in or after its build, what lies at the
 * program's place is the build's, and the copy is the plain one.
 */
static bool keep_plain(struct cycle *cycle, struct error *error)
{
    char digest[STATE_KEY_SIZE] = "";
    struct error ignored;

    if (!cycle_program_path(cycle, "plain", cycle->plain.path, error))
        return false;
    bool exists = digest_of(cycle->request->binary, digest, &ignored);
    bool was_interrupted = state_done(cycle->state, PROGRAM_STAGE, PROGRAM_BUILDING);
    bool is_built = exists && state_done(cycle->state, PROGRAM_STAGE, digest);
    if ((is_built || was_interrupted) && access(cycle->plain.path, X_OK) == 0) {
        cycle_say(cycle, "program: %s is what the build %s; the plain one was kept in %s",
                  cycle->request->name, is_built ? "made" : "left when it was interrupted",
                  cycle->plain.path);
        return true;
    }
    return file_copy(cycle->request->binary, cycle->plain.path, true, error);
}

/* Opens an output.  What an earlier cycle in this directory made may be replaced. */
static bool open_output(const struct cycle *cycle, const char *path, const char *stage,
                        struct temporary_output *output, bool *replaces, struct error *error)
{
    char digest[STATE_KEY_SIZE];
    struct error ignored;

    *replaces = cycle->request->force ||
                (digest_of(path, digest, &ignored) && state_done(cycle->state, stage, digest));
    return relink_check_output(cycle->request->binary, path, error) &&
           temporary_output_open(output, path, *replaces, error);
}

/* A page that cannot be written later is refused before any time is spent, as OUT is. */
static bool check_page(struct cycle *cycle, struct error *error)
{
    struct temporary_output tried;
    bool done =
        open_output(cycle, cycle->request->page, PAGE_STAGE, &tried, &cycle->replaces_page, error);

    temporary_output_discard(&tried);
    return done;
}

static bool prepare(struct cycle *cycle, struct error *error)
{
    const struct cycle_request *request = cycle->request;
    struct relink_request relink = {.binary = request->binary};
    struct bolt bolt;

    /* Everything that can be refused is refused before any time is spent. */
    cycle->plain.label = "plain";
    snprintf(cycle->plain.path, sizeof(cycle->plain.path), "%s", request->binary);
    bool relinks = !request->without_bolt && !request->profile_only;
    if ((relinks && !request->build_command && !relink_check(&relink, error)) ||
        !recorder_find(cycle->recorder, error) ||
        (relinks && !bolt_find(request->bolt, &bolt, error)) ||
        (request->build_chooses && !choice_check(request->workloads, error)) ||
        !find_directory(cycle, error))
        return false;
    orphans_prepare(); /* the watcher must not hold the directory's lock when we are gone */
    cycle->state = state_open(request->directory ? cycle->directory : NULL, STATE_FILE, error);
    return cycle->state && (!request->page || check_page(cycle, error)) &&
           (request->profile_only || open_output(cycle, request->output, OUTPUT_STAGE,
                                                 &cycle->output, &cycle->replaces, error)) &&
           (!request->build_command || keep_plain(cycle, error));
}

static bool rebuild(struct cycle *cycle, struct error *error)
{
    const struct cycle_request *request = cycle->request;
    const char *built = request->build_result ? request->build_result : request->binary;
    char digest[STATE_KEY_SIZE] = "";
    struct error ignored;

    if (!state_keep(cycle->state, PROGRAM_STAGE, PROGRAM_BUILDING, json_object(), error))
        return false;
    bool done = cycle_rebuild(cycle, error);
    if (!done && error->code == ERROR_INTERRUPTED)
        return false;
    /* A build that failed has left something too, or nothing. */
    digest_of(built, digest, &ignored);
    return state_keep(cycle->state, PROGRAM_STAGE, digest, json_object(),
                      done ? error : &ignored) &&
           done;
}

/* What llvm-bolt is to work on, with a profile of it; *subject NULL: it cannot, which is said. */
static bool choose_subject(struct cycle *cycle, struct cycle_subject **subject, struct error *error)
{
    struct relink_request relink = {.binary = cycle->rebuilt.path};
    bool moved;

    *subject = &cycle->plain;
    if (!cycle->has_rebuilt)
        return true;
    *subject = NULL;
    if (!relink_check(&relink, error)) {
        message_note("the rebuilt program is not relinked: it %s", error_text(error->code));
        return true;
    }
    if (!cycle_code_moved(cycle, &cycle->rebuilt, &moved, error))
        return false;
    if (moved && (!cycle_record(cycle, &cycle->rebuilt, error) ||
                  !cycle_merge(cycle, &cycle->rebuilt, error)))
        return false;
    *subject = &cycle->rebuilt;
    return true;
}

static bool make_candidate(struct cycle *cycle, struct error *error)
{
    struct cycle_subject *subject;

    if (cycle->request->build_command && !rebuild(cycle, error))
        return false;
    /* With --as=auto the counts have said what BOLT is worth. */
    if (cycle->request->without_bolt || cycle->request->build_chooses)
        return true;
    if (!choose_subject(cycle, &subject, error))
        return false;
    if (!subject)
        return true;
    if (!cycle_relink(cycle, subject, "relinked", cycle->relinked, error))
        return false;
    cycle->has_relinked = true;
    cycle->candidate = cycle->relinked;
    return true;
}

static bool judge(struct cycle *cycle, struct error *error)
{
    if (cycle->request->test_command && !cycle_test(cycle, error))
        return false;
    /* What fails its tests is not worth measuring. */
    return (cycle->tested && !cycle->tests_passed) ||
           (cycle_compare(cycle, error) && cycle_count(cycle, error));
}

/* The refused binary, where it can be looked at. */
static bool keep_rejected(struct cycle *cycle, struct error *error)
{
    const char *output = cycle->request->output;
    bool misbehaves =
        (cycle->tested && !cycle->tests_passed) || (cycle->compared && !cycle->comparison.same);
    bool named;

    if (!cycle->candidate || (!cycle->request->directory && !misbehaves))
        return true;
    if (cycle->request->directory)
        named = file_path(cycle->rejected, error, "%s/%s.rejected", cycle->directory,
                          text_file_name(output));
    else
        named = file_path(cycle->rejected, error, "%s.rejected", output);
    return named && file_copy(cycle->candidate, cycle->rejected, true, error);
}

/* Hands the candidate over, or keeps it for inspection. */
static bool conclude(struct cycle *cycle, struct error *error)
{
    const char *output = cycle->request->output;
    char digest[STATE_KEY_SIZE];

    if (!cycle->accepted) {
        if (!keep_rejected(cycle, error))
            return false;
        cycle_say(cycle, "%s: not made, %s%s%s", output, cycle->reason,
                  *cycle->rejected ? "; it is kept as " : "", cycle->rejected);
        return true;
    }
    if (!file_copy_into(cycle->candidate ? cycle->candidate : cycle->plain.path, cycle->output.path,
                        error) ||
        !digest_of(cycle->output.path, digest, error) ||
        !temporary_output_commit(&cycle->output, cycle->replaces, error) ||
        !state_keep(cycle->state, OUTPUT_STAGE, digest, json_object(), error))
        return false;
    cycle_say(cycle, "%s: made%s", output,
              cycle->candidate ? "" : ", a copy of the program: there is nothing to gain");
    return true;
}

static bool run_stages(struct cycle *cycle, struct error *error)
{
    if (!cycle_record(cycle, &cycle->plain, error) || !cycle_merge(cycle, &cycle->plain, error))
        return false;
    if (!cycle->plain.own_samples)
        message_note("%s waits most of its time: its profile is empty, and it stays as it is",
                     cycle->request->name);
    else if (!cycle->request->profile_only)
        return make_candidate(cycle, error) && judge(cycle, error);
    return true;
}

static bool make_page(const struct cycle *cycle, const struct checklist *checklist,
                      struct error *error)
{
    const char *page = cycle->request->page;
    char digest[STATE_KEY_SIZE];

    return !page || (cycle_page_make(cycle, checklist, error) && digest_of(page, digest, error) &&
                     state_keep(cycle->state, PAGE_STAGE, digest, json_object(), error));
}

bool cycle_run(struct cycle *cycle, const struct cycle_request *request,
               struct checklist *checklist, struct error *error)
{
    cycle->request = request;
    if (!prepare(cycle, error) || !run_stages(cycle, error))
        return false;
    checklist_make(checklist, cycle);
    cycle->reason = checklist_failure(checklist, request->strict);
    cycle->accepted = !cycle->reason;
    if (!request->quiet) {
        report_print_stages(cycle);
        checklist_print(checklist);
    }
    return (request->profile_only || conclude(cycle, error)) && make_page(cycle, checklist, error);
}

void cycle_free(struct cycle *cycle)
{
    temporary_output_discard(&cycle->output);
    state_free(cycle->state);
    cycle->state = NULL;
}
