#include "bolt-bridge/counting/verdict.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "bolt-bridge/counting/model.h"

static double ratio_of(uint64_t before, uint64_t after)
{
    return before > 0 && after > 0 ? (double)after / (double)before : 1;
}

void count_judge(const struct counts *before, const struct counts *after, const unsigned *weights,
                 size_t workload_count, struct count_judgement *judgement)
{
    double sums[COUNT_KINDS] = {0}, without_jumps = 0, all = 0;

    assert(workload_count > 0);
    *judgement = (struct count_judgement){0};
    for (size_t i = 0; i < workload_count; i++) {
        all += weights[i];
        for (size_t kind = 0; kind < COUNT_KINDS; kind++)
            sums[kind] += weights[i] * log(ratio_of(before[i].values[kind], after[i].values[kind]));
        without_jumps += weights[i] * log(ratio_of(model_cycles_without_jumps(&before[i]),
                                                   model_cycles_without_jumps(&after[i])));
        judgement->worst = fmax(judgement->worst, ratio_of(before[i].values[COUNT_CYCLES],
                                                           after[i].values[COUNT_CYCLES]));
    }
    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        judgement->ratios[kind] = exp(sums[kind] / all);
    judgement->without_jumps = exp(without_jumps / all);
    double cycles = judgement->ratios[COUNT_CYCLES];
    if (cycles >= 1 + COUNT_DECISIVE)
        judgement->verdict = COUNTS_WORSE;
    else if (cycles <= 1 - COUNT_DECISIVE && judgement->worst < 1 + COUNT_DECISIVE)
        judgement->verdict = COUNTS_BETTER;
}

const char *count_verdict_text(enum count_verdict verdict)
{
    static const char *const texts[] = {
        [COUNTS_EQUAL] = "equal", [COUNTS_BETTER] = "better", [COUNTS_WORSE] = "worse"};
    return texts[verdict];
}

void count_sentence(const struct count_judgement *judgement, char *text, size_t size)
{
    static const struct {
        enum count_kind kind;
        const char *text;
    } shown[] = {{COUNT_CYCLES, "model cycles"},
                 {COUNT_INSTRUCTIONS, "instructions"},
                 {COUNT_JUMPS, "taken jumps"},
                 {COUNT_MISPREDICTED, "mispredicted"},
                 {COUNT_CODE_MISSES, "code misses"}};
    size_t used = 0;

    for (size_t i = 0; i < sizeof(shown) / sizeof(*shown) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s %+.1f %%", i ? ", " : "",
                                 shown[i].text, 100 * (judgement->ratios[shown[i].kind] - 1));
    if (judgement->verdict == COUNTS_EQUAL && judgement->worst >= 1 + COUNT_DECISIVE && used < size)
        snprintf(text + used, size - used, "; at one workload model cycles %+.1f %%",
                 100 * (judgement->worst - 1));
}
