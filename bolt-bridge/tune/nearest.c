#include "bolt-bridge/tune/nearest.h"

#include <stdio.h>
#include <string.h>

#include "bolt-bridge/tune/trial.h"

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

/* What is not counted on all workloads was worse where it was counted first. */
static const struct layout_trial *find_nearest(const struct tune *tune)
{
    const struct layout_trial *nearest = NULL;

    for (size_t i = 1; i < tune->trial_count; i++) {
        const struct layout_trial *trial = &tune->trials[i];
        if (trial->state == TRIAL_GOOD && trial->tuned > 0 && trial->tuned < 1 &&
            (!nearest || trial->tuned < nearest->tuned))
            nearest = trial;
    }
    return nearest;
}

/* The first of the search's conditions that it does not meet.  Fills `text`. */
static void lack_text(const struct tune *tune, const struct layout_trial *trial, char *text,
                      size_t size)
{
    size_t tuned = tune->request->workloads->count, held_out = tune->workload_count - tuned;
    struct count_judgement judgement;

    *text = '\0';
    trial_ratio(tune, trial, 0, tuned, &judgement);
    if (trial->tuned > 1 - TUNE_LEAST_GAIN) {
        snprintf(text, size, "less than the %.1f %% that count", 100 * TUNE_LEAST_GAIN);
    } else if (trial->sure > 1 - TUNE_LEAST_GAIN) {
        snprintf(text, size, "but %+.2f %% without what chance may have gained",
                 percent(trial->sure));
    } else if (judgement.worst >= 1 + COUNT_DECISIVE) {
        snprintf(text, size, "but %+.2f %% on one workload", percent(judgement.worst));
    } else if (trial->held_out > 1) {
        snprintf(text, size, "but %+.2f %% on what is held out", percent(trial->held_out));
    } else if (trial->held_out > 0) {
        trial_ratio(tune, trial, tuned, held_out, &judgement);
        snprintf(text, size, "but %+.2f %% on one that is held out", percent(judgement.worst));
    }
}

void nearest_text(const struct tune *tune, char *text, size_t size)
{
    const struct layout_trial *nearest = find_nearest(tune);
    char options[1024], lack[64];

    if (!nearest) {
        snprintf(text, size, "no other layout has fewer of the model's cycles");
        return;
    }
    candidate_text(&nearest->candidate, tune->profile_names, options, sizeof(options));
    lack_text(tune, nearest, lack, sizeof(lack));
    snprintf(text, size, "the nearest, %s: model cycles %+.2f %%, %s", options,
             percent(nearest->tuned), lack);
}
