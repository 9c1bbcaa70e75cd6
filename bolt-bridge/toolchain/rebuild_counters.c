#include "bolt-bridge/toolchain/rebuild_counters.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bolt-bridge/process/temporary.h"

/* clang's name for the file of its warnings, and ours. */
#define LOG_SWITCH "CC_LOG_DIAGNOSTICS"
#define LOG_FILE "CC_LOG_DIAGNOSTICS_FILE"
#define LOG_NAME "warnings"
/* What LLVM says of a function whose blocks are not those of the profile. */
#define MISMATCH "(hash mismatch)"

/* How much longer than the one without it a build with the profile may take. */
#define SLOWER 20
#define SECONDS_MORE 300

/* Where the number of functions is in a profile, behind the header and the summary's head. */
#define FUNCTIONS_AT 56
/* The share of functions with other blocks above which the profile was not used. */
#define MISMATCHES_MOST 0.5

bool rebuild_watch_counters(const struct rebuild *rebuild, struct process *process,
                            struct error *error)
{
    char path[PATH_MAX];
    process->timeout = rebuild->plain_seconds * SLOWER + SECONDS_MORE;
    if (rebuild->toolchain != TOOLCHAIN_CLANG)
        return true;
    if (!temporary_path(LOG_NAME, path, error))
        return false;
    unlink(path); /* of an earlier build */
    setenv(LOG_SWITCH, "1", 1);
    setenv(LOG_FILE, path, 1);
    return true;
}

void rebuild_watch_no_more(void)
{
    unsetenv(LOG_SWITCH);
    unsetenv(LOG_FILE);
}

static uint64_t count_mismatches(void)
{
    char path[PATH_MAX], *line = NULL;
    size_t capacity = 0;
    uint64_t mismatches = 0;
    struct error ignored; /* then there are none to be told */
    FILE *stream = temporary_path(LOG_NAME, path, &ignored) ? fopen(path, "re") : NULL;
    while (stream && getline(&line, &capacity, stream) > 0)
        mismatches += strstr(line, MISMATCH) != NULL;
    free(line);
    if (stream)
        fclose(stream);
    return mismatches;
}

static uint64_t functions_in(const char *profile)
{
    uint64_t functions = 0;
    FILE *stream = fopen(profile, "re");
    if (!stream || fseek(stream, FUNCTIONS_AT, SEEK_SET) != 0 ||
        fread(&functions, sizeof(functions), 1, stream) != 1)
        functions = 0;
    if (stream)
        fclose(stream);
    return le64toh(functions);
}

struct counters_use rebuild_judge_counters(struct rebuild *rebuild)
{
    static const char remedy[] =
        "let both builds be the same: the same command, flags and sources, in the same directory";
    struct counters_use use = {.functions = functions_in(rebuild->profile)};
    use.mismatches = rebuild->toolchain == TOOLCHAIN_CLANG ? count_mismatches() : 0;
    use.is_used = (double)use.mismatches <= MISMATCHES_MOST * (double)use.functions;
    use.remedy = use.is_used ? NULL : remedy;
    if (use.mismatches > 0)
        findings_add(&rebuild->findings, "match", use.is_used ? VERDICT_WEAK : VERDICT_FAIL, remedy,
                     "%llu of %llu functions have other blocks than when the dumps were made",
                     (unsigned long long)use.mismatches, (unsigned long long)use.functions);
    return use;
}
