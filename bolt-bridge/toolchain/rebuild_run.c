/* The second half of a rebuild: runs the build (see rebuild.h). */
#include "bolt-bridge/toolchain/rebuild.h"

#include <stdio.h>

#include "bolt-bridge/process/run.h"
#include "bolt-bridge/toolchain/made_files.h"
#include "bolt-bridge/toolchain/rebuild_check.h"
#include "bolt-bridge/toolchain/rebuild_counters.h"
#include "bolt-bridge/toolchain/rebuild_names.h"
#include "bolt-bridge/toolchain/rebuild_profile.h"

static const char *failure_remedy(const struct rebuild *rebuild,
                                  const struct process_result *result)
{
    if (result->timed_out)
        return "leave out --as=ir, or record longer: counts of few samples can keep a compiler "
               "busy for ever";
    if (rebuild->toolchain == TOOLCHAIN_CLANG)
        return "its messages are above; where it builds without pgo-bolt, clean first (a "
               "precompiled header of before does not fit), and leave out its own -fprofile-use "
               "or -fprofile-generate, which clang does not take beside a profile of samples";
    if (rebuild->toolchain == TOOLCHAIN_GCC)
        return "its messages are above; where it builds without pgo-bolt, clean first (a "
               "precompiled header of before does not fit), and leave out its own --coverage, "
               "-fprofile-use or -fprofile-generate, at which gcc may fail beside a profile of "
               "samples";
    if (rebuild->toolchain == TOOLCHAIN_RUSTC)
        return "its messages are above; where it builds without pgo-bolt, leave out its own "
               "-Cprofile-use or -Cprofile-generate, which rustc does not take beside a profile of "
               "samples";
    return "its messages are above; see whether it builds without pgo-bolt";
}

static bool build(struct rebuild *rebuild, struct error *error)
{
    struct process process = {.arguments = rebuild->request->command,
                              .environment = rebuild->injection.entries,
                              .shows_output = true,
                              .shows_as_error = rebuild->request->output_to_error};
    struct process_result result;
    char how[256];
    fflush(stdout);
    bool is_watched = rebuild->request->kind == REBUILD_COUNTERS;
    if (is_watched && !rebuild_watch_counters(rebuild, &process, error))
        return false;
    clock_gettime(CLOCK_REALTIME, &rebuild->started);
    bool done = process_run(&process, &result, error);
    injection_remove_cache(&rebuild->injection);
    if (is_watched)
        rebuild_watch_no_more();
    if (!done)
        return false;
    rebuild->built = process_succeeded(&result);
    rebuild->build_status = result.signal ? 128 + result.signal : result.exit_status;
    if (!rebuild->built) {
        process_describe(&result, how, sizeof(how));
        rebuild_answer(rebuild, false, failure_remedy(rebuild, &result), "the build %s", how);
    }
    return true;
}

static bool run_once(struct rebuild *rebuild, struct error *error)
{
    struct rebuild_before before;
    bool done = rebuild_look_before(&before, rebuild, error) && build(rebuild, error);
    if (done && rebuild->built)
        done = rebuild_check(rebuild, &before, error);
    rebuild_before_free(&before);
    return done;
}

/* The same with a profile that has the names of the build before. */
static bool run_again(struct rebuild *rebuild, struct error *error)
{
    const struct use_share *renamed = &rebuild->use.shares[USE_RENAMED];
    /* What was made is known by the log, which begins anew with the flags. */
    if (!rebuild_remove_made(rebuild, error) || !rebuild_inject(rebuild, error))
        return false;
    findings_add(&rebuild->findings, "names", VERDICT_WEAK, rebuild_renamed_remedy(rebuild),
                 "%.1f %% of the profile's counts are of functions that are named by another path "
                 "or hash in this build, most of %s: they took its names, and it was run again",
                 100 * (double)renamed->counts / (double)rebuild->use.counts, renamed->function);
    compile_log_free(&rebuild->log);
    rebuild->use_told = rebuild->match_told = rebuild->used = false;
    return run_once(rebuild, error);
}

bool rebuild_run(struct rebuild *rebuild, struct error *error)
{
    bool has_taken_names;
    size_t findings = rebuild->findings.count;
    if (!run_once(rebuild, error) || !rebuild_take_names(rebuild, &has_taken_names, error))
        return false;
    if (!has_taken_names)
        return true;
    rebuild->findings.count = findings; /* they are of the first one */
    return run_again(rebuild, error);
}

bool rebuild_remove_made(const struct rebuild *rebuild, struct error *error)
{
    return rebuild->toolchain != TOOLCHAIN_CLANG || !*rebuild->injection.log ||
           made_files_remove(rebuild->injection.log, &rebuild->started, error);
}

void rebuild_free(struct rebuild *rebuild)
{
    injection_free(&rebuild->injection);
    sample_profile_free(&rebuild->samples);
    compile_log_free(&rebuild->log);
    *rebuild = (struct rebuild){0};
}
