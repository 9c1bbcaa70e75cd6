#include "bolt-bridge/counting/counts.h"

#include <assert.h>
#include <string.h>

static const struct count_tool *const tools[COUNT_SOURCES] = {
    [COUNTS_BY_PERF] = &count_tool_perf,
    [COUNTS_BY_VALGRIND] = &count_tool_valgrind,
};

static const struct count_tool *tool_of(enum count_source source)
{
    assert(source < COUNT_SOURCES && tools[source]);
    return tools[source];
}

const char *count_source_text(enum count_source source)
{
    return tool_of(source)->name;
}

const char *count_text(enum count_source source, enum count_kind kind)
{
    return tool_of(source)->texts[kind];
}

bool counts_choose(enum count_source *source, struct error *error)
{
    struct error ignored;

    if (*source != COUNTS_BY_WHAT_THERE_IS)
        return tool_of(*source)->is_usable(error);
    *source = count_tool_perf.is_usable(&ignored) ? COUNTS_BY_PERF : COUNTS_BY_VALGRIND;
    return true;
}

bool counts_run(enum count_source source, const struct process *program, struct counts *counts,
                struct process_result *result, struct error *error)
{
    memset(counts, 0, sizeof(*counts));
    return tool_of(source)->run(program, counts, result, error);
}
