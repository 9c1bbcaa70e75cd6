#include "analyzer/read/perf_traced_branches.h"

#include "analyzer/read/perf_sample.h"

/* Counts the branch that is kept there; its run ends where `next` leaves, unless that is NULL. */
static bool count_last(struct perf_traced_branch *last, struct perf_sink *sink,
                       const struct perf_traced_branch *next, struct error *error)
{
    struct perf_branch_place place = {0};
    if (!last->is_pending)
        return true;
    last->is_pending = false;
    if (next && next->from != 0 && !perf_is_kernel(next->from)) {
        place.address = next->from;
        if (!perf_sink_place(sink, next->process, next->from, &place.location, error))
            return false;
    }
    return perf_sink_branch(sink, last->process, last->from, last->to, &place, error);
}

bool perf_traced_branch_add(struct perf_traced_branches *branches, struct perf_sink *sink,
                            const struct perf_traced_branch *branch, struct error *error)
{
    struct perf_traced_branch *last = &branches->last[branch->thread % PERF_TRACED_THREADS];
    bool is_same = last->thread == branch->thread && last->process == branch->process;
    if (!count_last(last, sink, is_same ? branch : NULL, error))
        return false;
    *last = *branch;
    last->is_pending = true;
    return true;
}

bool perf_traced_branches_end(struct perf_traced_branches *branches, struct perf_sink *sink,
                              struct error *error)
{
    for (size_t i = 0; i < PERF_TRACED_THREADS; i++)
        if (!count_last(&branches->last[i], sink, NULL, error))
            return false;
    return true;
}
