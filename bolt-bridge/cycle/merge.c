/* The stage that adds recordings up, archives the sum, and judges whether it is enough. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/file.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "bolt-bridge/cycle/recordings.h"
#include "bolt-bridge/cycle/stages.h"
#include "bolt-bridge/cycle/workspace.h"
#include "bolt-bridge/process/run_times.h"
#include "bolt-bridge/toolchain/profile_quality.h"

struct own_counts {
    uint64_t samples, branches;
};

/* What a profile has of a module. */
static struct own_counts count_own(const struct profile *profile, uint32_t module)
{
    struct own_counts own = {0};

    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == PROFILE_MODULE_NONE && trace->to.module == module)
            own.samples = count_add(own.samples, trace->count);
        else if (trace->from.module == module)
            own.branches = count_add(own.branches, trace->count);
    }
    return own;
}

/* Adds one file to the sum.  One that cannot be read is reported, counted, and left out. */
static bool add_file(struct cycle_subject *subject, const char *file, unsigned weight,
                     const struct binary *binary, struct profile *sum, uint64_t *own_samples,
                     struct error *error)
{
    struct error ignored;
    uint32_t module;
    struct profile *one = profile_new(error);

    if (!one)
        return false;
    if (!profile_read(file, one, error) || !profile_normalise(one, error)) {
        profile_free(one);
        if (error->code == ERROR_MEMORY)
            return false;
        message_error(error);
        subject->damaged++;
        return true;
    }
    subject->recordings += one->recording_count;
    if (binary_find_module(binary, one, &module, &ignored))
        *own_samples += count_own(one, module).samples;
    bool done = profile_merge(sum, one, weight, error);
    profile_free(one);
    return done;
}

/* Whether the plain runs spent most of their time waiting for something other than a CPU. */
static bool waits(const struct cycle *cycle, const struct cycle_subject *subject)
{
    double elapsed = 0, idle = 0;

    for (size_t i = 0; i < cycle->request->workloads->count; i++) {
        elapsed += subject->overheads[i].all.elapsed;
        idle += subject->overheads[i].all.idle;
    }
    return run_times_mostly_idle(elapsed, idle);
}

/* Where the workload failed, that is why nothing was recorded: refuses it with its last lines. */
static bool refuse_failed(const struct cycle *cycle, const struct cycle_subject *subject,
                          struct error *error)
{
    for (size_t i = 0; i < cycle->request->workloads->count; i++) {
        const struct measure_figures *figures = &subject->overheads[i].workloads[0];
        const char *name = cycle->request->workloads->items[i].name;
        if (!figures->exit_status)
            continue;
        error_set(error, ERROR_WORKLOAD_FAILED, cycle->request->name,
                  "%s%sit exited with status %d and left no samples%s%s", name ? name : "",
                  name ? ": " : "", figures->exit_status,
                  *figures->last_words ? "; it said:" : ", and said nothing on standard error",
                  figures->last_words);
        return true;
    }
    return false;
}

static bool add_workload(const struct cycle *cycle, struct cycle_subject *subject, size_t workload,
                         const struct binary *binary, struct profile *sum, struct error *error)
{
    const struct workload *item = &cycle->request->workloads->items[workload];
    uint64_t own_samples = 0;
    struct recordings recordings;

    bool done = recordings_list(cycle, subject, workload, &recordings, error);
    for (size_t i = 0; done && i < recordings.count; i++)
        done =
            add_file(subject, recordings.paths[i], item->weight, binary, sum, &own_samples, error);
    bool has_any = recordings.count > 0;
    recordings_free(&recordings);
    if (!done)
        return false;
    if (!has_any && cycle->request->workloads->count == 1 && !waits(cycle, subject)) {
        if (refuse_failed(cycle, subject, error))
            return false;
        error_set(error, ERROR_NO_SAMPLES, cycle->request->name,
                  "no recording was written: is it statically linked, or does it run other "
                  "programs only?");
        return false;
    }
    if (!own_samples) {
        subject->empty_workloads++;
        if (item->name)
            message_note("workload %s has no samples of %s: it does no work of its own there",
                         item->name, cycle->request->name);
    }
    return true;
}

static bool summarise(const struct cycle *cycle, struct cycle_subject *subject,
                      const struct binary *binary, const struct profile *sum, struct error *error)
{
    uint32_t module;

    subject->samples = profile_samples(sum);
    if (sum->recording_count && binary_find_module(binary, sum, &module, error)) {
        struct own_counts own = count_own(sum, module);
        subject->own_samples = own.samples;
        subject->own_branches = own.branches;
    } else if (sum->recording_count && error->code != ERROR_NOT_IN_PROFILE) {
        return false;
    }
    if (subject->own_samples)
        return true;
    if (refuse_failed(cycle, subject, error))
        return false;
    subject->waits = waits(cycle, subject);
    if (subject->waits)
        return true;
    error_set(error, ERROR_NO_SAMPLES, cycle->request->name,
              subject->samples ? "all its samples are in its libraries"
                               : "it used too little CPU time while it was recorded");
    return false;
}

static bool write_raw(const char *path, const struct profile *profile, struct error *error)
{
    return writer_write_file(writer_find("raw"), profile, NULL, NULL, path, true, error);
}

/* Under its build-id, so that whoever meets that binary again finds its profile. */
static bool archive(const struct cycle *cycle, struct cycle_subject *subject,
                    const struct binary *binary, struct profile *sum, struct error *error)
{
    const char *directory =
        cycle->request->profiles ? cycle->request->profiles : cycle->request->directory;
    char text[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    const uint8_t *id = binary_build_id(binary, &size);

    if (!directory || !id)
        return true;
    return file_make_directory(directory, error) &&
           file_path(subject->archive, error, "%s/%s.pgoraw", directory,
                     build_id_text(id, size, text)) &&
           write_raw(subject->archive, sum, error);
}

/* Where it cannot be judged, the checklist says why. */
static void judge(struct cycle_subject *subject, const struct profile *sum,
                  const struct binary *binary)
{
    struct findings findings = {0};
    struct error reason;
    size_t used = 0;

    subject->is_judged = profile_quality(&findings, VERDICT_WEAK, sum, binary, subject->profile,
                                         &subject->coverage_verdict, &reason);
    if (!subject->is_judged)
        snprintf(subject->coverage, sizeof(subject->coverage), "%.128s %.256s", reason.subject,
                 error_text(reason.code));
    for (size_t i = 0; i < findings.count && used < sizeof(subject->coverage); i++)
        used += (size_t)snprintf(subject->coverage + used, sizeof(subject->coverage) - used, "%s%s",
                                 used ? "; " : "", findings.items[i].text);
}

static void describe(const struct cycle *cycle, const struct cycle_subject *subject)
{
    char samples[32], own_samples[32], branches[32];
    cycle_say(cycle, "merge %s: %zu recordings, %s samples, %s of them and %s taken branches in %s",
              subject->label, subject->recordings, text_count(subject->samples, samples),
              text_count(subject->own_samples, own_samples),
              text_count(subject->own_branches, branches), cycle->request->name);
}

/* All recordings into `sum`, and what comes of it. */
static bool merge_all(const struct cycle *cycle, struct cycle_subject *subject,
                      const struct binary *binary, struct profile *sum, struct error *error)
{
    char name[64];

    for (size_t i = 0; i < cycle->request->workloads->count; i++)
        if (!add_workload(cycle, subject, i, binary, sum, error))
            return false;
    snprintf(name, sizeof(name), "profile-%s.pgoraw", subject->label);
    if (!profile_normalise(sum, error) || !summarise(cycle, subject, binary, sum, error) ||
        !cycle_path(cycle, name, subject->profile, error))
        return false;
    if (!subject->own_samples)
        return true;
    if (!write_raw(subject->profile, sum, error) || !archive(cycle, subject, binary, sum, error))
        return false;
    judge(subject, sum, binary);
    describe(cycle, subject);
    return true;
}

bool cycle_merge(struct cycle *cycle, struct cycle_subject *subject, struct error *error)
{
    struct profile *sum = profile_new(error);
    struct binary *binary = sum ? binary_open(subject->path, error) : NULL;

    subject->recordings = subject->damaged = subject->empty_workloads = 0;
    bool done = binary && merge_all(cycle, subject, binary, sum, error);
    binary_free(binary);
    profile_free(sum);
    return done;
}
