#include "shim/core/commit/contexts.h"

#include "shim/core/modules/modules.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"

/* Where a trace was counted last: windows go round in loops. */
struct counted_context {
    struct pgoraw_context *entry;
    uint32_t callers;
};

/* Who the callers are after the branch.  False: that is not certain. */
static bool callers_follow(uint32_t *callers, const struct branch *branch)
{
    const struct pgoraw_stack_node *caller;
    uint64_t next = branch->from + branch->length;

    switch (branch->kind) {
    case BRANCH_JUMP:
        return true;
    case BRANCH_CALL:
        if (branch->to == next) /* how code finds out where it is; nothing returns from there */
            return true;
        /* Callers stand at the last byte of their call, as call stacks have them. */
        *callers = store_find_stack_node(*callers, modules_locate(next - 1));
        if (*callers == 0)
            store_count(store_header(), PGORAW_COUNT_CONTEXTS_FULL, 1);
        return *callers != 0;
    case BRANCH_RETURN:
        caller = store_stack_node(*callers);
        if (!caller)
            return false;
        *callers = caller->parent;
        return caller->location == modules_locate(branch->to - 1);
    default:
        return false;
    }
}

void contexts_count(const struct window *window, const struct window_trace *traces,
                    const uint8_t *order, uint64_t weight)
{
    struct counted_context counted[WINDOW_MOST_BRANCHES];
    uint32_t callers = window->callers.node, traces_seen = 0, i;

    if (!window->callers.known)
        return;
    for (i = 0; i < window->count && callers_follow(&callers, &window->branches[i]); i++) {
        const struct window_trace *trace = &traces[order[i]];
        struct counted_context *last = &counted[order[i]];
        if (order[i] == traces_seen) { /* traces are numbered as they come */
            traces_seen++;
            last->entry = NULL;
        }
        if (!trace->entry)
            continue;
        if (last->entry && last->callers == callers) {
            __atomic_fetch_add(&last->entry->count, 1, __ATOMIC_RELAXED);
            __atomic_fetch_add(&last->entry->weighted, weight, __ATOMIC_RELAXED);
        } else {
            last->callers = callers;
            last->entry = store_add_context(callers, trace->entry, 1, weight);
        }
    }
    store_count(store_header(), PGORAW_COUNT_CONTEXT_BRANCHES, i);
}
