#include "analyzer/model/compare/convergence.h"

#include <math.h>

#include "analyzer/model/compare/overlap.h"

/* Above this many lots, half of them is the sum of twelve even draws: near enough to normal. */
#define EXACT_LOTS 4096

/*
 * A sample with many branches takes most edges several times, and these counts
 * come together.  How many, by what recordings of Lua and SQLite have in common
 * with longer ones; more would find them worse than they are (tests/bench/check.sh).
 */
#define LOT_MOST 4

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t draw(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

/* How many of `count` coins fall on one side. */
static uint64_t toss(uint64_t coins, uint64_t *state)
{
    uint64_t heads = 0;
    if (coins > EXACT_LOTS) {
        double normal = -6;
        for (int i = 0; i < 12; i++)
            normal += (double)(draw(state) >> 11) / 0x1p53;
        return coins / 2 + (uint64_t)(int64_t)(normal * sqrt((double)coins) / 2);
    }
    for (; coins >= 64; coins -= 64)
        heads += (uint64_t)__builtin_popcountll(draw(state));
    return coins ? heads + (uint64_t)__builtin_popcountll(draw(state) >> (64 - coins)) : heads;
}

/*
 * Shares that are off by chance are off by the root of the counts' number: the
 * whole differs from the truth half as much as its halves from one another.
 */
static void conclude(struct convergence *convergence)
{
    double off = (1 - convergence->halves) / 2;
    double ratio = off / (1 - CONVERGENCE_ENOUGH);
    convergence->expected = 1 - off;
    convergence->longer = ratio > 1 ? ratio * ratio : 1;
}

bool convergence_of_halves(struct convergence *convergence, const struct symbol_profile *first,
                           const struct symbol_profile *second, const char *path,
                           struct error *error)
{
    struct overlap overlap = {0};
    bool done = overlap_symbols(&overlap, first, path, second, path, error);
    convergence->halves = done ? overlap.similarity : 0;
    conclude(convergence);
    overlap_free(&overlap);
    return done;
}

static bool add_half(struct symbol_profile *half, struct symbol_record record, uint64_t count,
                     struct error *error)
{
    record.count = count;
    return count == 0 || symbol_profile_add(half, &record, error);
}

bool convergence_of_counts(struct convergence *convergence, const struct symbol_profile *symbols,
                           uint64_t branches, const char *path, struct error *error)
{
    uint64_t lot = branches < LOT_MOST ? branches : LOT_MOST;
    struct symbol_profile halves[2] = {{.is_sampled = symbols->is_sampled},
                                       {.is_sampled = symbols->is_sampled}};
    uint64_t state = 1;
    bool done = true;
    for (size_t i = 0; done && i < symbols->count; i++) {
        const struct symbol_record *record = &symbols->records[i];
        uint64_t first = lot * toss(record->count / lot, &state);
        if (toss(1, &state))
            first += record->count % lot;
        done = add_half(&halves[0], *record, first, error) &&
               add_half(&halves[1], *record, record->count - first, error);
    }
    if (done && (halves[0].count == 0 || halves[1].count == 0))
        *convergence = (struct convergence){.expected = 0, .longer = INFINITY};
    else
        done = done && convergence_of_halves(convergence, &halves[0], &halves[1], path, error);
    symbol_profile_free(&halves[0]);
    symbol_profile_free(&halves[1]);
    return done;
}
