/* Counts by the processor: perf stat, in user space, where it has counters for us. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bolt-bridge/counting/count_tool.h"
#include "bolt-bridge/process/temporary.h"

#define PERF "perf"

/* As perf names them; a processor with two kinds of cores has each twice, under two names. */
static const struct {
    const char *event;
    enum count_kind kind;
} events[] = {
    {"instructions", COUNT_INSTRUCTIONS},
    {"branches", COUNT_BRANCHES},
    {"branch-misses", COUNT_MISPREDICTED},
};
#define EVENTS (sizeof(events) / sizeof(*events))

/*
 * Adds what `perf stat -x ,` wrote ("1234,,instructions:u,..."; perf-stat(1), CSV
 * FORMAT).  False unless every event was counted.
 */
static bool add_file(const char *file, struct counts *counts)
{
    bool counted[EVENTS] = {false}, all = true;
    size_t capacity = 0;
    char *line = NULL;

    FILE *stream = fopen(file, "re");
    while (stream && getline(&line, &capacity, stream) > 0) {
        char *end, *rest = line;
        const char *value = strsep(&rest, ",");
        strsep(&rest, ","); /* the unit */
        const char *event = strsep(&rest, ",");
        uint64_t number = strtoull(value, &end, 10);
        for (size_t i = 0; event && end > value && !*end && i < EVENTS; i++) {
            if (strstr(event, events[i].event)) {
                counts->values[events[i].kind] += number;
                counted[i] = true;
            }
        }
    }
    free(line);
    if (stream)
        fclose(stream);
    for (size_t i = 0; i < EVENTS; i++)
        all = all && counted[i];
    return all;
}

/* *counted: the processor did. */
static bool count(const struct process *program, struct counts *counts, bool *counted,
                  struct error *error)
{
    char file[PATH_MAX];
    char *prefix[] = {PERF, "stat", "-x", ",",
                      "-o", file,   "-e", "instructions:u,branches:u,branch-misses:u",
                      "--"};
    struct process process = *program;
    struct process_result ignored;

    if (!temporary_path("perf-stat", file, error))
        return false;
    char **command = count_tool_command(program, prefix, sizeof(prefix) / sizeof(*prefix), error);
    if (!command)
        return false;
    process.path = NULL;
    process.arguments = command;
    bool done = process_run(&process, &ignored, error);
    free(command);
    *counted = done && add_file(file, counts);
    return done;
}

/* Whether the processor counts all three kinds, tried out on a shell that does nothing. */
static bool is_usable(struct error *error)
{
    char *arguments[] = {"sh", "-c", ":", NULL};
    const struct process nothing = {.path = "/bin/sh", .arguments = arguments, .timeout = 10};
    struct counts counts = {0};
    struct error ignored;
    bool counted;

    if (count(&nothing, &counts, &counted, &ignored) && counted)
        return true;
    error_set(error, ERROR_TOOL_FAILED, PERF,
              "it counts no instructions here: no hardware counters, as in most virtual "
              "machines, or kernel.perf_event_paranoid is above 2; valgrind counts anywhere");
    return false;
}

static bool run(const struct process *program, struct counts *counts, struct process_result *result,
                struct error *error)
{
    struct process by_itself = *program, under_perf = *program;
    bool counted;

    under_perf.output_file = NULL; /* that of the first run is looked at */
    under_perf.error_file = NULL;
    if (!process_run(&by_itself, result, error) || !count(&under_perf, counts, &counted, error))
        return false;
    if (!counted)
        error_set(error, ERROR_TOOL_FAILED, PERF, "it counted nothing of %s", program->path);
    return counted;
}

const struct count_tool count_tool_perf = {
    .name = PERF,
    .texts =
        {
            [COUNT_INSTRUCTIONS] = "instructions",
            [COUNT_BRANCHES] = "branches",
            [COUNT_MISPREDICTED] = "mispredicted",
        },
    .is_usable = is_usable,
    .run = run,
};
