#include "bolt-bridge/tune/chance.h"

#include <math.h>

#include "bolt-bridge/counting/model.h"
#include "bolt-bridge/tune/trial.h"

/* Instructions and jumps are the same where they differ by less of the cycles. */
#define SAME 0.0001

/* What the trial has more of one kind than the default, as a fraction of the default's cycles. */
static double added(const struct tune *tune, const struct layout_trial *trial, size_t workload,
                    enum count_kind kind)
{
    const struct counts *before = &tune->trials[0].runs[workload].run.counts;
    const struct counts *after = &trial->runs[workload].run.counts;

    return ((double)model_cycles_of(after, kind) - (double)model_cycles_of(before, kind)) /
           (double)model_cycles(before);
}

double chance_find(const struct tune *tune)
{
    double most = 0;

    for (size_t i = 1; i < tune->trial_count; i++) {
        const struct layout_trial *trial = &tune->trials[i];
        if (trial->state == TRIAL_GOOD && trial->screened > 0 &&
            fabs(added(tune, trial, tune->screening, COUNT_INSTRUCTIONS)) < SAME &&
            fabs(added(tune, trial, tune->screening, COUNT_JUMPS)) < SAME)
            most = fmax(most, fabs(added(tune, trial, tune->screening, COUNT_MISPREDICTED)));
    }
    return most;
}

double chance_left(const struct tune *tune, const struct layout_trial *trial, size_t first,
                   size_t count)
{
    struct count_judgement judgement;
    double gained = 0, weights = 0;

    for (size_t i = first; i < first + count; i++) {
        unsigned weight = tune_workload(tune, i)->weight;
        gained -= weight * added(tune, trial, i, COUNT_MISPREDICTED);
        weights += weight;
    }
    return trial_ratio(tune, trial, first, count, &judgement) +
           fmin(fmax(gained / weights, 0), tune->chance);
}
