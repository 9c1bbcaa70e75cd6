/*
 * What chance has in the counts of a layout.  In the modelled predictor branches share entries by
 * their addresses.  Layouts that run the same instructions and take the same jumps miss other
 * branches there, for no merit: the best of fifty has the luckiest addresses.
 */
#ifndef BOLT_BRIDGE_TUNE_CHANCE_H
#define BOLT_BRIDGE_TUNE_CHANCE_H

#include "bolt-bridge/tune/tune.h"

/*
 * The most that mispredicted branches of such a layout differ by from the default's, on the
 * screening workload, as a fraction of its cycles; 0 where no layout is like that.
 */
double chance_find(const struct tune *tune);

/*
 * The trial's cycles to the default's, weighted over the workloads from `first` on, without what
 * chance may have gained: fewer mispredicted branches count by what they are above tune->chance.
 */
double chance_left(const struct tune *tune, const struct layout_trial *trial, size_t first,
                   size_t count);

#endif
