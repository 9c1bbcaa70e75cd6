/* Counts by valgrind's callgrind, with its models of caches and of a branch predictor. */
#include "bolt-bridge/counting/count_tool.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bolt-bridge/counting/callgrind_file.h"
#include "bolt-bridge/counting/model.h"
#include "bolt-bridge/process/temporary.h"

#define VALGRIND "valgrind"

/* Adds up the files that the pattern stands for, one of each process, and removes them. */
static bool add_files(const char *pattern, struct counts *counts, size_t *understood,
                      struct error *error)
{
    glob_t files = {0};
    bool done = true, counted;

    if (glob(pattern, 0, NULL, &files) != 0)
        return true;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        done = done && callgrind_file_add(files.gl_pathv[i], counts, &counted, error);
        *understood += done && counted;
        unlink(files.gl_pathv[i]);
    }
    globfree(&files);
    return done;
}

/* Runs it with `prefix` before it and adds up the files that come of it. */
static bool run_tool(const struct process *program, char *const *prefix, size_t prefix_count,
                     const char *pattern, struct counts *counts, struct process_result *result,
                     struct error *error)
{
    struct process process = *program;
    size_t understood = 0;

    char **command = count_tool_command(program, prefix, prefix_count, error);
    if (!command)
        return false;
    process.path = NULL;
    process.arguments = command;
    bool done = process_run(&process, result, error);
    free(command);
    if (!done || !add_files(pattern, counts, &understood, error))
        return false;
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
    char found[PATH_MAX], pattern[PATH_MAX], log[PATH_MAX];
    char out_option[PATH_MAX + 64], log_option[PATH_MAX + 64];

    if (!process_find_program(VALGRIND, found, sizeof(found))) {
        error_set(error, ERROR_TOOL_MISSING, VALGRIND, "package valgrind");
        return false;
    }
    if (!temporary_path("callgrind.*", pattern, error) ||
        !temporary_path("valgrind-log", log, error))
        return false;
    snprintf(out_option, sizeof(out_option), "--callgrind-out-file=%.*s%%p",
             (int)strlen(pattern) - 1, pattern);
    snprintf(log_option, sizeof(log_option), "--log-file=%s", log);
    char *prefix[] = {VALGRIND,
                      "--tool=callgrind",
                      "--trace-children=yes",
                      "--cache-sim=yes",
                      "--branch-sim=yes",
                      "--I1=32768,8,64",
                      "--D1=32768,8,64",
                      "--LL=8388608,16,64",
                      "--collect-jumps=yes",
                      "--dump-instr=yes",
                      "--compress-pos=no",
                      "--compress-strings=no",
                      log_option,
                      out_option};
    if (!run_tool(program, prefix, sizeof(prefix) / sizeof(char *), pattern, counts, result, error))
        return false;
    counts->values[COUNT_CYCLES] = model_cycles(counts);
    return true;
}

const struct count_tool count_tool_valgrind = {
    .name = VALGRIND,
    .texts =
        {
            [COUNT_INSTRUCTIONS] = "instructions",
            [COUNT_JUMPS] = "taken jumps",
            [COUNT_TAKEN] = "  of them conditional",
            [COUNT_MISPREDICTED] = "mispredicted (model)",
            [COUNT_CODE_MISSES] = "code cache misses (model)",
            [COUNT_DATA_MISSES] = "data cache misses (model)",
            [COUNT_MEMORY_ACCESS] = "last level misses (model)",
            [COUNT_LINES] = "code cache lines touched",
            [COUNT_PAGES] = "code pages touched",
            [COUNT_CYCLES] = "cycles (model)",
        },
    .is_usable = is_usable,
    .run = run,
};
