/* Counts by valgrind: callgrind with its models, and lackey. */
#include "bolt-bridge/toolchain/count_tool.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/memory.h"
#include "bolt-bridge/process/temporary.h"

#define VALGRIND "valgrind"
#define MAX_EVENTS 32

/* Which of callgrind's events add up to which of ours. */
static const struct {
    const char *event;
    enum count_kind kind;
} events[] = {
    {"Ir", COUNT_INSTRUCTIONS},    {"Bcm", COUNT_MISPREDICTED},   {"Bim", COUNT_MISPREDICTED},
    {"I1mr", COUNT_CODE_MISSES},   {"D1mr", COUNT_DATA_MISSES},   {"D1mw", COUNT_DATA_MISSES},
    {"ILmr", COUNT_MEMORY_ACCESS}, {"DLmr", COUNT_MEMORY_ACCESS}, {"DLmw", COUNT_MEMORY_ACCESS},
};

/* "events: Ir Dr ...": which of ours the columns are; COUNT_KINDS: none. */
static size_t read_events(char *names, enum count_kind kinds[MAX_EVENTS])
{
    size_t count = 0;
    char *rest;

    for (char *name = strtok_r(names, " \n", &rest); name && count < MAX_EVENTS;
         name = strtok_r(NULL, " \n", &rest)) {
        kinds[count] = COUNT_KINDS;
        for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
            if (strcmp(name, events[i].event) == 0)
                kinds[count] = events[i].kind;
        count++;
    }
    return count;
}

static bool add_callgrind(const char *file, struct counts *counts)
{
    enum count_kind kinds[MAX_EVENTS];
    size_t kind_count = 0, capacity = 0;
    char *line = NULL;
    bool found = false;

    FILE *stream = fopen(file, "re");
    while (stream && getline(&line, &capacity, stream) > 0) {
        if (strncmp(line, "events: ", 8) == 0)
            kind_count = read_events(line + 8, kinds);
        if (strncmp(line, "totals: ", 8) != 0)
            continue;
        char *text = line + 8, *end;
        for (size_t i = 0; i < kind_count; i++, text = end) {
            uint64_t value = strtoull(text, &end, 10);
            if (end == text)
                break;
            found = true;
            if (kinds[i] != COUNT_KINDS)
                counts->values[kinds[i]] += value;
        }
    }
    free(line);
    if (stream)
        fclose(stream);
    return found;
}

/* "==12==   taken:           1,234 ( 50%)", in the paragraph that begins with "Jccs:". */
static bool add_lackey(const char *file, struct counts *counts)
{
    size_t capacity = 0;
    char *line = NULL;
    bool found = false, in_branches = false;

    FILE *stream = fopen(file, "re");
    while (stream && !found && getline(&line, &capacity, stream) > 0) {
        const char *taken = strstr(line, "taken:");
        in_branches = in_branches || strstr(line, "Jccs:");
        if (!in_branches || !taken)
            continue;
        uint64_t value = 0;
        for (const char *digit = taken + 6; *digit && *digit != '('; digit++) {
            if (*digit >= '0' && *digit <= '9') {
                value = value * 10 + (uint64_t)(*digit - '0');
                found = true;
            }
        }
        counts->values[COUNT_TAKEN] += value;
    }
    free(line);
    if (stream)
        fclose(stream);
    return found;
}

/* Runs it with `prefix` before it and adds up the files that come of it, which it removes. */
static bool run_tool(const struct process *program, char *const *prefix, size_t prefix_count,
                     const char *pattern, bool (*add)(const char *, struct counts *),
                     struct counts *counts, struct process_result *result, struct error *error)
{
    struct process process = *program;
    glob_t files = {0};
    size_t understood = 0;

    char **command = count_tool_command(program, prefix, prefix_count, error);
    if (!command)
        return false;
    process.path = NULL;
    process.arguments = command;
    bool done = process_run(&process, result, error);
    free(command);
    if (!done)
        return false;
    if (glob(pattern, 0, NULL, &files) == 0) {
        for (size_t i = 0; i < files.gl_pathc; i++) {
            understood += add(files.gl_pathv[i], counts);
            unlink(files.gl_pathv[i]);
        }
        globfree(&files);
    }
    if (!understood)
        error_set(error, ERROR_TOOL_FAILED, VALGRIND, "it counted nothing of %s: can it run it?",
                  program->path);
    return understood > 0;
}

/* That it is missing is said when it is to run. */
static bool is_usable(struct error *error)
{
    (void)error;
    return true;
}

static bool run(const struct process *program, struct counts *counts, struct process_result *result,
                struct error *error)
{
    char found[PATH_MAX], callgrind[PATH_MAX], log[PATH_MAX], lackey[PATH_MAX];
    char out_option[PATH_MAX + 64], log_option[PATH_MAX + 64], lackey_option[PATH_MAX + 64];

    if (!process_find_program(VALGRIND, found, sizeof(found))) {
        error_set(error, ERROR_TOOL_MISSING, VALGRIND, "package valgrind");
        return false;
    }
    if (!temporary_path("callgrind.*", callgrind, error) ||
        !temporary_path("valgrind-log", log, error) || !temporary_path("lackey.*", lackey, error))
        return false;
    snprintf(out_option, sizeof(out_option), "--callgrind-out-file=%.*s%%p",
             (int)strlen(callgrind) - 1, callgrind);
    snprintf(log_option, sizeof(log_option), "--log-file=%s", log);
    snprintf(lackey_option, sizeof(lackey_option), "--log-file=%.*s%%p", (int)strlen(lackey) - 1,
             lackey);
    char *callgrind_prefix[] = {VALGRIND,          "--tool=callgrind",   "--trace-children=yes",
                                "--cache-sim=yes", "--branch-sim=yes",   "--I1=32768,8,64",
                                "--D1=32768,8,64", "--LL=8388608,16,64", log_option,
                                out_option};
    char *lackey_prefix[] = {VALGRIND, "--tool=lackey", "--trace-children=yes",
                             "--basic-counts=yes", lackey_option};
    return run_tool(program, callgrind_prefix, sizeof(callgrind_prefix) / sizeof(char *), callgrind,
                    add_callgrind, counts, result, error) &&
           run_tool(program, lackey_prefix, sizeof(lackey_prefix) / sizeof(char *), lackey,
                    add_lackey, counts, result, error);
}

const struct count_tool count_tool_valgrind = {
    .name = VALGRIND,
    .texts =
        {
            [COUNT_INSTRUCTIONS] = "instructions",
            [COUNT_TAKEN] = "conditional branches taken",
            [COUNT_MISPREDICTED] = "mispredicted (model)",
            [COUNT_CODE_MISSES] = "code cache misses (model)",
            [COUNT_DATA_MISSES] = "data cache misses (model)",
            [COUNT_MEMORY_ACCESS] = "last level misses (model)",
        },
    .is_usable = is_usable,
    .run = run,
};
