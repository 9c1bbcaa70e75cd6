#include "bolt-bridge/choosing/choice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/process/run.h"

/* --- builds --------------------------------------------------------------------------------- */

static void add_build(struct choice *choice, enum rebuild_kind kind, const char *name)
{
    struct choice_build *build = &choice->builds[choice->count];
    build->kind = kind;
    build->made_of = choice->count++;
    snprintf(build->name, sizeof(build->name), "%s", name);
}

/* Those that the toolchain has, that which is likely to win last: it need not be built again. */
static void add_kinds(struct choice *choice)
{
    const struct rebuild *plain = &choice->rebuild;
    bool takes_counters =
        plain->toolchain == TOOLCHAIN_CLANG || plain->toolchain == TOOLCHAIN_RUSTC;
    if (plain->is_by_probes) {
        add_build(choice, REBUILD_BY_LINES, "lines");
        add_build(choice, REBUILD_SAMPLES, "probes");
    } else {
        add_build(choice, REBUILD_SAMPLES, plain->toolchain == TOOLCHAIN_GO ? "stacks" : "lines");
    }
    if (takes_counters)
        add_build(choice, REBUILD_COUNTERS, "ir");
}

static bool ends_everything(const struct error *error)
{
    return error->code == ERROR_INTERRUPTED || error->code == ERROR_MEMORY ||
           error->code == ERROR_WRITE;
}

/* Begins a build: what was recorded may be overwritten by now, its copy is not. */
static bool prepare(struct choice *choice, const struct choice_build *build, struct error *error)
{
    choice->building = choice->request->rebuild;
    choice->building.kind = build->kind;
    if (*choice->recorded) {
        choice->building.binary = choice->recorded;
        choice->building.result = choice->result;
    }
    return rebuild_prepare(&choice->rebuild, &choice->building, error);
}

/* What rebuild_run() left: its objects must not be taken for those of the next build. */
static bool clear(struct choice *choice, struct error *error)
{
    bool done = rebuild_remove_made(&choice->rebuild, error);
    rebuild_free(&choice->rebuild);
    return done;
}

static bool own_path(const struct choice *choice, const char *suffix, char path[PATH_MAX],
                     struct error *error)
{
    char directory[PATH_MAX];
    return file_path(directory, error, "%s/choice", choice->rebuild.directory) &&
           file_make_directory(directory, error) &&
           file_path(path, error, "%s/%s%s", directory, text_file_name(choice->rebuild.result),
                     suffix);
}

static bool keep_result(const struct choice *choice, struct choice_build *build,
                        struct error *error)
{
    char suffix[64];
    snprintf(suffix, sizeof(suffix), ".%s", build->name);
    return own_path(choice, suffix, build->path, error) &&
           file_copy(choice->rebuild.result, build->path, true, error);
}

/* A program without a build-id was not kept by rebuild_prepare(). */
static bool keep_recorded(struct choice *choice, struct error *error)
{
    const struct rebuild *rebuild = &choice->rebuild;
    snprintf(choice->result, sizeof(choice->result), "%s", rebuild->result);
    snprintf(choice->recorded, sizeof(choice->recorded), "%s", rebuild->binary);
    return strcmp(rebuild->binary, rebuild->result) != 0 ||
           (own_path(choice, "", choice->recorded, error) &&
            file_copy(rebuild->binary, choice->recorded, true, error));
}

/* The plain build; from it is known what was recorded, and by which compiler. */
static bool build_plain(struct choice *choice, struct error *error)
{
    struct choice_build *build = &choice->builds[0];
    struct rebuild *rebuild = &choice->rebuild;
    bool done = prepare(choice, build, error);
    choice->request->tell(&rebuild->findings, 0);
    if (!done || !keep_recorded(choice, error))
        return false;
    message_note("building without a profile");
    if (!rebuild_run(rebuild, error))
        return false;
    if (rebuild->used)
        return keep_result(choice, build, error);
    error_set(error, ERROR_TOOL_FAILED, choice->building.command[0], "without a profile, %s%s%s",
              rebuild->reason, rebuild->remedy ? ": " : "", rebuild->remedy ? rebuild->remedy : "");
    return false;
}

static void leave_out(struct choice_build *build, const struct error *error)
{
    snprintf(build->reason, sizeof(build->reason), "%.200s %s%s%.600s", error->subject,
             error_text(error->code), *error->detail ? ": " : "", error->detail);
}

/* False: everything ends here. */
static bool build_one(struct choice *choice, struct choice_build *build, size_t known,
                      struct error *error)
{
    struct rebuild *rebuild = &choice->rebuild;
    message_note("building with a profile: %s", build->name);
    bool done = prepare(choice, build, error) && rebuild_run(rebuild, error);
    choice->request->tell(&rebuild->findings, known);
    if (!done) {
        leave_out(build, error);
        return !ends_everything(error);
    }
    if (rebuild->built && rebuild->used)
        return keep_result(choice, build, error);
    snprintf(build->reason, sizeof(build->reason), "%.700s%s%.250s", rebuild->reason,
             rebuild->remedy ? ": " : "", rebuild->remedy ? rebuild->remedy : "");
    return true;
}

/* --- counts --------------------------------------------------------------------------------- */

static bool count_build(const struct choice *choice, struct choice_build *build,
                        struct error *error)
{
    const struct choice_build *plain = &choice->builds[0];
    const struct workloads *workloads = choice->request->workloads;
    for (size_t i = 0; i < workloads->count && !*build->reason; i++) {
        struct counted_run *run = &build->runs[i];
        double timeout = build == plain ? 0 : counted_run_limit(&plain->runs[i]);
        message_progress("counting", i + 1, workloads->count);
        if (!counted_run(COUNTS_BY_VALGRIND, build->path, text_file_name(choice->result),
                         &workloads->items[i], timeout, run, error))
            return false;
        const char *difference =
            counted_run_difference(&plain->runs[i], run, choice->request->output_may_differ);
        if (difference && build != plain)
            snprintf(build->reason, sizeof(build->reason), "%s", difference);
        if (difference && build == plain) {
            error_set(error, ERROR_WORKLOAD_FAILED, build->path, "under valgrind, %s", difference);
            return false;
        }
    }
    return true;
}

static void judge_build(const struct choice *choice, struct choice_build *build)
{
    const struct workloads *workloads = choice->request->workloads;
    struct counts before[MEASURE_WORKLOADS], after[MEASURE_WORKLOADS];
    unsigned weights[MEASURE_WORKLOADS];
    for (size_t i = 0; i < workloads->count; i++) {
        before[i] = choice->builds[0].runs[i].counts;
        after[i] = build->runs[i].counts;
        weights[i] = workloads->items[i].weight;
    }
    count_judge(before, after, weights, workloads->count, &build->judgement);
}

static bool is_better(const struct choice_build *build)
{
    return !*build->reason && build->judgement.verdict == COUNTS_BETTER;
}

static double cycles_of(const struct choice_build *build)
{
    return build->judgement.ratios[COUNT_CYCLES];
}

size_t choice_find_fewest(const struct choice_build *builds, size_t count)
{
    size_t fewest = 0;
    for (size_t i = 1; i < count; i++)
        if (is_better(&builds[i]) &&
            (fewest == 0 || cycles_of(&builds[i]) < cycles_of(&builds[fewest])))
            fewest = i;
    return fewest;
}

size_t choice_find_winner(const struct choice_build *builds, size_t count)
{
    size_t fewest = choice_find_fewest(builds, count), winner = fewest;
    for (size_t i = 1; i < count; i++)
        if (is_better(&builds[i]) &&
            cycles_of(&builds[i]) < cycles_of(&builds[fewest]) + COUNT_DECISIVE &&
            builds[i].judgement.without_jumps < builds[winner].judgement.without_jumps)
            winner = i;
    return winner;
}

static bool count_and_judge(const struct choice *choice, struct choice_build *build,
                            struct error *error)
{
    if (*build->reason)
        return true;
    message_note("counting the build %s", build->name);
    if (!count_build(choice, build, error))
        return false;
    if (!*build->reason)
        judge_build(choice, build);
    return true;
}

/* What was left out alone is not relinked. */
static bool relink_one(struct choice *choice, const struct choice_build *build, struct error *error)
{
    struct choice_build *relinked = &choice->builds[choice->count];
    if (*build->reason)
        return true;
    choice->count++;
    relinked->kind = build->kind;
    relinked->made_of = build->made_of;
    snprintf(relinked->name, sizeof(relinked->name), "%.12s + BOLT", build->name);
    message_note("relinking the build %s", build->name);
    if (choice->request->relink(choice->request->relink_context, build, relinked, error))
        return true;
    leave_out(relinked, error);
    return !ends_everything(error);
}

static bool count_all(struct choice *choice, struct error *error)
{
    choice->built = choice->count;
    for (size_t i = 0; i < choice->built; i++)
        if (!count_and_judge(choice, &choice->builds[i], error))
            return false;
    for (size_t i = 0; i < choice->built && choice->request->relink; i++)
        if (!relink_one(choice, &choice->builds[i], error))
            return false;
    for (size_t i = choice->built; i < choice->count; i++)
        if (!count_and_judge(choice, &choice->builds[i], error))
            return false;
    choice->winner = choice_find_winner(choice->builds, choice->count);
    return true;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* Everything that the build makes is then of the winner, not only the program that was counted. */
static bool build_winner(struct choice *choice, struct error *error)
{
    const struct choice_build *build = choice_winner_build(choice);
    struct rebuild *rebuild = &choice->rebuild;
    uint64_t offset;
    bool same;
    message_note("building once more: %s", build->name);
    if (!prepare(choice, build, error) || !rebuild_run(rebuild, error))
        return false;
    bool is_there = file_compare(rebuild->result, build->path, &same, &offset, error);
    /* What was up to date is what was counted, and need not be made. */
    if (!rebuild->used && !(is_there && same)) {
        error_set(error, ERROR_TOOL_FAILED, choice->building.command[0],
                  "the build that was chosen (%s) cannot be made again: %s", build->name,
                  rebuild->reason);
        return false;
    }
    if (!is_there)
        return false;
    if (!same)
        findings_add(&rebuild->findings, "build", VERDICT_WEAK,
                     "compare them: pgo-bolt compare --counts; compilers and builds that put times "
                     "or what lies in memory into files do so",
                     "built once more it is not byte for byte the file that was counted, %s",
                     build->path);
    return true;
}

bool choice_check(const struct workloads *workloads, struct error *error)
{
    char valgrind[PATH_MAX];
    if (workloads->is_server) {
        error_set(error, ERROR_USAGE, "--load",
                  "a server's work is not the same twice: give a program that does a part of it");
        return false;
    }
    if (process_find_program("valgrind", valgrind, sizeof(valgrind)))
        return true;
    error_set(error, ERROR_TOOL_MISSING, "valgrind", "it counts the builds: package valgrind");
    return false;
}

bool choice_make(struct choice *choice, const struct choice_request *request, struct error *error)
{
    *choice = (struct choice){.request = request};
    add_build(choice, REBUILD_PLAIN, "plain");
    if (!choice_check(request->workloads, error) || !build_plain(choice, error))
        return false;
    add_kinds(choice);
    size_t known = choice->rebuild.findings.count;
    for (size_t i = 1; i < choice->count; i++)
        if (!clear(choice, error) || !build_one(choice, &choice->builds[i], known, error))
            return false;
    if (!count_all(choice, error))
        return false;
    assert(choice->built > 0); /* the plain build is there */
    return choice_winner_build(choice) == &choice->builds[choice->built - 1] ||
           (clear(choice, error) && build_winner(choice, error));
}

const struct choice_build *choice_winner_build(const struct choice *choice)
{
    return &choice->builds[choice->builds[choice->winner].made_of];
}

void choice_free(struct choice *choice)
{
    rebuild_free(&choice->rebuild);
}
