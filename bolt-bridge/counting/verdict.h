/*
 * What counts of two programs say about which is the better one, by the model of model.h.
 * Pure computation.
 */
#ifndef BOLT_BRIDGE_COUNTING_VERDICT_H
#define BOLT_BRIDGE_COUNTING_VERDICT_H

#include <stddef.h>

#include "bolt-bridge/counting/count_tool.h"

/* What the model's cycles have to differ by, as a fraction, before it says anything. */
#define COUNT_DECISIVE 0.005

enum count_verdict { COUNTS_EQUAL, COUNTS_BETTER, COUNTS_WORSE };

struct count_judgement {
    double ratios[COUNT_KINDS]; /* B to A: weighted geometric means over the workloads */
    double without_jumps;       /* likewise, the model's cycles without taken jumps */
    double worst;               /* the model's cycles, of the workload where B is worst */
    enum count_verdict verdict;
};

/*
 * Better: the model's cycles are fewer by COUNT_DECISIVE, and at no workload more by that.
 * Worse: they are more by that.  `weights` has one for each workload, of which there is one
 * at least; what A has none of counts as equal.
 */
void count_judge(const struct counts *before, const struct counts *after, const unsigned *weights,
                 size_t workload_count, struct count_judgement *judgement);

/* "better", "worse", "equal". */
const char *count_verdict_text(enum count_verdict verdict);

/* "model cycles -2.1 %, instructions +0.0 %, ...".  Fills `text`. */
void count_sentence(const struct count_judgement *judgement, char *text, size_t size);

#endif
