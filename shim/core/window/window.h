/*
 * A window: the taken branches around one sample, oldest first, whatever told
 * them.  Every branch source makes one; commit/ puts it into the store as traces.
 * All of it is signal-safe.
 */
#ifndef SHIM_CORE_WINDOW_WINDOW_H
#define SHIM_CORE_WINDOW_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_MOST_BRANCHES 256
#define WINDOW_MOST_INSTRUCTIONS 8192 /* those that look-ahead or stepping goes through */

/* What a branch does to the thread's callers. */
enum branch_kind {
    BRANCH_ANY, /* not known */
    BRANCH_JUMP,
    BRANCH_CALL,
    BRANCH_RETURN,
};

struct branch {
    uint64_t from;  /* run-time address of the branch instruction */
    uint64_t to;    /* run-time address of its target */
    uint8_t kind;   /* enum branch_kind */
    uint8_t length; /* of the instruction, in bytes; 0: not known */
};

/* Who called the sampled code, in the store's tree of call stacks. */
struct callers {
    bool known;
    uint32_t node; /* the innermost caller's; 0: there is none */
};

struct window {
    uint64_t sample;        /* the sampled instruction */
    bool begins_at_sample;  /* the code runs straight from it to the first branch */
    struct callers callers; /* of the sampled instruction */
    uint64_t last;          /* last instruction known to follow the last branch; 0: not known */
    uint32_t count;
    struct branch branches[WINDOW_MOST_BRANCHES];
};

/* An empty window at a sampled instruction. */
static inline void window_begin(struct window *window, uint64_t sample)
{
    window->sample = sample;
    window->begins_at_sample = false;
    window->callers = (struct callers){0};
    window->last = 0;
    window->count = 0;
}

/* Adds a branch.  The caller keeps count below WINDOW_MOST_BRANCHES. */
static inline void window_add(struct window *window, uint64_t from, uint64_t to,
                              enum branch_kind kind, uint8_t length)
{
    window->branches[window->count] =
        (struct branch){.from = from, .to = to, .kind = (uint8_t)kind, .length = length};
    window->count++;
    window->last = 0;
}

#endif
