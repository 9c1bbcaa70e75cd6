#include "bolt-bridge/tune/search.h"

#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/message.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/tune/chance.h"
#include "bolt-bridge/tune/trial.h"

#define MOST_TOGETHER 6 /* changes in one candidate, the best ones */
#define BEST_IN_PAIRS 4 /* of which all two are tried together */
#define FINALISTS 3     /* that are counted on what is held out */

/* Trials in the order of their worth, best first. */
struct ranking {
    struct layout_trial *trials[TUNE_TRIALS];
    size_t count;
};

static bool time_is_up(struct tune *tune, uint64_t started_at)
{
    tune->seconds = (double)(process_clock() - started_at) / 1e9;
    tune->time_was_up = tune->time_was_up || tune->seconds >= tune->request->seconds;
    return tune->time_was_up;
}

/* Tries the candidate on the screening workload. */
static bool screen(struct tune *tune, const struct candidate *candidate, struct error *error)
{
    struct count_judgement judgement;

    struct layout_trial *trial = trial_make(tune, candidate, error);
    message_progress("layouts tried:", tune->trial_count, 0);
    if (!trial)
        return error->code == ERROR_NONE;
    if (!trial_count(tune, trial, tune->screening, error))
        return false;
    if (trial->state == TRIAL_GOOD)
        trial->screened = trial_ratio(tune, trial, tune->screening, 1, &judgement);
    /* It can be made again: not all of them have to lie there. */
    if (trial->screened >= 1)
        unlink(trial->path);
    return true;
}

static int compare_sure(const void *left, const void *right)
{
    const struct layout_trial *a = *(const struct layout_trial *const *)left;
    const struct layout_trial *b = *(const struct layout_trial *const *)right;
    int order = COMPARE(a->sure, b->sure);
    return order ? order : COMPARE(a, b); /* the earlier of equals */
}

/* Those that are better than the default on the screening workload; luck gives no rank. */
static void rank_screened(struct tune *tune, struct ranking *ranking)
{
    tune->chance = chance_find(tune);
    ranking->count = 0;
    for (size_t i = 1; i < tune->trial_count; i++) {
        struct layout_trial *trial = &tune->trials[i];
        if (trial->state != TRIAL_GOOD || !(trial->screened > 0) || trial->screened >= 1)
            continue;
        trial->sure = chance_left(tune, trial, tune->screening, 1);
        ranking->trials[ranking->count++] = trial;
    }
    qsort(ranking->trials, ranking->count, sizeof(*ranking->trials), compare_sure);
}

/* Whether they change the same axis: only one of them can be in a candidate. */
static bool exclude_each_other(const struct candidate *left, const struct candidate *right)
{
    for (size_t axis = 0; axis < TUNE_AXES; axis++)
        if (left->picks[axis] && right->picks[axis])
            return true;
    return left->profile && right->profile;
}

static bool screen_single_changes(struct tune *tune, uint64_t started_at, struct error *error)
{
    for (size_t profile = 1; profile < tune->profile_count && !time_is_up(tune, started_at);
         profile++)
        if (!screen(tune, &(struct candidate){.profile = (unsigned char)profile}, error))
            return false;
    for (size_t axis = 0; axis < tune_axis_count; axis++) {
        for (size_t i = 0; i < TUNE_CHOICES; i++) {
            struct candidate candidate = {.profile = 0};
            candidate.picks[axis] = (unsigned char)(i + 1);
            if (!tune->known[axis][i])
                continue;
            if (time_is_up(tune, started_at))
                return true;
            if (!screen(tune, &candidate, error))
                return false;
        }
    }
    return true;
}

/* The best change of each axis, best first. */
static void choose_changes(struct tune *tune, struct ranking *changes)
{
    struct ranking ranking;

    rank_screened(tune, &ranking);
    changes->count = 0;
    for (size_t i = 0; i < ranking.count && changes->count < MOST_TOGETHER; i++) {
        bool excluded = ranking.trials[i]->sure >= 1;
        for (size_t k = 0; k < changes->count; k++)
            excluded = excluded || exclude_each_other(&changes->trials[k]->candidate,
                                                      &ranking.trials[i]->candidate);
        if (!excluded)
            changes->trials[changes->count++] = ranking.trials[i];
    }
}

/* What the best changes make together: all pairs of the best, and the best 3, 4, ... */
static bool screen_together(struct tune *tune, uint64_t started_at, struct error *error)
{
    struct ranking changes;
    struct candidate all = {.profile = 0};

    choose_changes(tune, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        candidate_add(&all, &changes.trials[i]->candidate);
        if (i >= 1 && (time_is_up(tune, started_at) || !screen(tune, &all, error)))
            return tune->time_was_up;
    }
    for (size_t i = 0; i < changes.count && i < BEST_IN_PAIRS; i++) {
        for (size_t k = i + 1; k < changes.count && k < BEST_IN_PAIRS; k++) {
            struct candidate pair = changes.trials[i]->candidate;
            candidate_add(&pair, &changes.trials[k]->candidate);
            if (time_is_up(tune, started_at) || !screen(tune, &pair, error))
                return tune->time_was_up;
        }
    }
    return true;
}

/* Counts a trial on the workloads from `first` on. */
static bool count_on(struct tune *tune, struct layout_trial *trial, size_t first, size_t count,
                     struct error *error)
{
    for (size_t i = 0; i < count && trial->state == TRIAL_GOOD; i++)
        if (!trial_count(tune, trial, first + i, error))
            return false;
    return true;
}

/* The better half of those that beat the default, on all workloads; then half of these, ... */
static bool halve(struct tune *tune, struct ranking *ranking, uint64_t started_at,
                  struct error *error)
{
    size_t workloads = tune->request->workloads->count, kept = 0;
    struct count_judgement judgement;

    rank_screened(tune, ranking);
    size_t half = (ranking->count + 1) / 2;
    if (half < FINALISTS)
        half = ranking->count < FINALISTS ? ranking->count : FINALISTS;
    for (size_t i = 0; i < half; i++) {
        struct layout_trial *trial = ranking->trials[i];
        /* With one workload nothing is counted any more, and there is always time. */
        if (workloads > 1 && kept && time_is_up(tune, started_at))
            break;
        if (!count_on(tune, trial, 0, workloads, error))
            return false;
        if (trial->state != TRIAL_GOOD)
            continue;
        trial->tuned = trial_ratio(tune, trial, 0, workloads, &judgement);
        trial->sure = chance_left(tune, trial, 0, workloads);
        if (trial->sure <= 1 - TUNE_LEAST_GAIN && judgement.worst < 1 + COUNT_DECISIVE)
            ranking->trials[kept++] = trial;
    }
    ranking->count = kept;
    qsort(ranking->trials, ranking->count, sizeof(*ranking->trials), compare_sure);
    return true;
}

/* The best that does not lose on what it was not tuned for. */
static bool choose_winner(struct tune *tune, const struct ranking *ranking, struct error *error)
{
    size_t tuned = tune->request->workloads->count, held_out = tune->workload_count - tuned;
    struct count_judgement judgement;

    tune->winner = 0;
    for (size_t i = 0; i < ranking->count && i < FINALISTS && !tune->winner; i++) {
        struct layout_trial *trial = ranking->trials[i];
        if (!count_on(tune, trial, tuned, held_out, error))
            return false;
        if (trial->state != TRIAL_GOOD)
            continue;
        if (held_out)
            trial->held_out = trial_ratio(tune, trial, tuned, held_out, &judgement);
        /* On workloads that it was not tuned for it may lose nothing. */
        if (!held_out || (trial->held_out <= 1 && judgement.worst < 1 + COUNT_DECISIVE))
            tune->winner = (size_t)(trial - tune->trials);
    }
    return true;
}

bool search_run(struct tune *tune, struct error *error)
{
    uint64_t started_at = process_clock();
    struct ranking ranking;

    /* The default, on everything: what all others are held against. */
    struct layout_trial *first = trial_make(tune, &(struct candidate){.profile = 0}, error);
    if (!first || !count_on(tune, first, 0, tune->workload_count, error))
        return false;
    if (first->state != TRIAL_GOOD) {
        error_set(error, ERROR_WORKLOAD_FAILED, tune->request->name,
                  "relinked with the default options %s", first->reason);
        return false;
    }
    first->screened = first->tuned = first->sure = 1;
    first->held_out = tune->workload_count > tune->request->workloads->count ? 1 : 0;
    bool done = screen_single_changes(tune, started_at, error) &&
                screen_together(tune, started_at, error) &&
                halve(tune, &ranking, started_at, error) && choose_winner(tune, &ranking, error);
    tune->seconds = (double)(process_clock() - started_at) / 1e9;
    return done;
}
