/*
 * A window: the taken branches around one sample, oldest first, whatever told
 * them.  Every branch source makes one; the store gets it as traces.
 */
#ifndef SHIM_CORE_BRANCH_WINDOW_H
#define SHIM_CORE_BRANCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_MOST_BRANCHES 256

struct branch {
    uint64_t from; /* run-time address of the branch instruction */
    uint64_t to;   /* run-time address of its target */
};

struct window {
    uint64_t sample;       /* the sampled instruction */
    bool begins_at_sample; /* the code runs straight from it to the first branch */
    uint64_t last;         /* last instruction known to follow the last branch; 0: none is */
    uint32_t count;
    struct branch branches[WINDOW_MOST_BRANCHES];
};

/* An empty window at a sampled instruction. */
static inline void window_begin(struct window *window, uint64_t sample)
{
    window->sample = sample;
    window->begins_at_sample = false;
    window->last = 0;
    window->count = 0;
}

/* Adds a branch.  The caller keeps count below WINDOW_MOST_BRANCHES. */
static inline void window_add(struct window *window, uint64_t from, uint64_t to)
{
    window->branches[window->count].from = from;
    window->branches[window->count].to = to;
    window->count++;
    window->last = 0;
}

/* Adds the sample and all its branches to the store.  Signal-safe. */
void window_commit(const struct window *window);

#endif
