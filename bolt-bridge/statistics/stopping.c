#include "bolt-bridge/statistics/stopping.h"

#include <math.h>

#define FIRST_LOOK 12

static size_t next_look(const struct stopping *stopping)
{
    size_t pairs = (size_t)FIRST_LOOK << stopping->looks;
    return pairs < PAIRED_MAXIMUM ? pairs : PAIRED_MAXIMUM;
}

static bool time_is_out(const struct stopping_rule *rule, size_t pairs, double seconds)
{
    size_t least = rule->least ? rule->least : STOPPING_MINIMUM;
    return rule->seconds > 0 && seconds >= rule->seconds && pairs >= least;
}

bool stopping_look(const struct stopping *stopping, const struct stopping_rule *rule, size_t pairs,
                   double seconds, double *error_rate)
{
    const double all = 1 - PAIRED_CONFIDENCE;

    if (rule->pairs) {
        *error_rate = all;
        return pairs >= rule->pairs;
    }
    *error_rate = ldexp(all, -(int)stopping->looks - 1);
    return pairs >= next_look(stopping) || time_is_out(rule, pairs, seconds);
}

enum stopping_reason stopping_decide(struct stopping *stopping, const struct stopping_rule *rule,
                                     size_t pairs, double seconds, bool narrow)
{
    stopping->looks++;
    if (rule->pairs)
        return STOPPING_FIXED;
    if (narrow)
        return STOPPING_NARROW;
    if (time_is_out(rule, pairs, seconds))
        return STOPPING_TIME;
    return pairs >= PAIRED_MAXIMUM ? STOPPING_MOST : STOPPING_NOT_YET;
}

static double half_width(const struct paired_interval *interval)
{
    return log(interval->high / interval->low) / 2;
}

bool stopping_is_narrow(const struct stopping_rule *rule, const struct paired_interval *interval,
                        const struct paired_interval *noise)
{
    double enough = fmax(log1p(rule->precision), fabs(log(interval->ratio)) / 4);
    return half_width(interval) <= enough && (!noise || half_width(noise) <= enough);
}

const char *stopping_text(enum stopping_reason reason)
{
    static const char *const texts[] = {
        [STOPPING_NOT_YET] = "unfinished",
        [STOPPING_FIXED] = "as many as asked for",
        [STOPPING_NARROW] = "the interval is narrow enough",
        [STOPPING_TIME] = "the time was up",
        [STOPPING_MOST] = "there are no more",
    };
    return texts[reason];
}
