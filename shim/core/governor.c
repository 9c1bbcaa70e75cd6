#include "shim/core/governor.h"

#define START_NS_PER_PERCENT 2000000.0 /* the account at start: some dozen samples in cold code */
#define DEEPEST_DEBT_NS 2000000        /* samples are dropped below this */
#define LONGEST_PERIOD_NS 100000000u
#define UNKNOWN_DELIVERY_NS 15000 /* where the kernel does not tell when a sample was due */
#define LONGEST_ARRIVAL_NS 100000 /* more than this, and the thread was not running */
#define MEAN_OVER 16              /* samples */

static double share; /* of CPU time */
static uint64_t shortest_period, period;
static int64_t account;
static uint64_t mean_cost, charges;

void governor_start(double budget, uint64_t period_ns)
{
    share = budget / 100;
    shortest_period = period = period_ns;
    account = (int64_t)(START_NS_PER_PERCENT * budget);
}

uint64_t governor_period(void)
{
    return __atomic_load_n(&period, __ATOMIC_RELAXED);
}

bool governor_allows(uint64_t period_ns)
{
    int64_t earned = (int64_t)(share * (double)period_ns);
    return __atomic_add_fetch(&account, earned, __ATOMIC_RELAXED) > -DEEPEST_DEBT_NS;
}

/*
 * The period at which samples of the present cost take just their share.  In
 * debt a little longer, so that the debt is paid back; with credit the shortest.
 */
static uint64_t period_wanted(uint64_t cost, int64_t left)
{
    double wanted = (double)cost / share;
    if (left > 0)
        wanted = (double)shortest_period;
    else if (left < -DEEPEST_DEBT_NS / 2)
        wanted *= 1.25;
    if (wanted < (double)shortest_period)
        wanted = (double)shortest_period;
    return wanted > LONGEST_PERIOD_NS ? LONGEST_PERIOD_NS : (uint64_t)wanted;
}

void governor_charge(uint64_t handler_ns, uint64_t arrival_ns)
{
    /* The way back, and arming the timer again, take about as long as the way here. */
    uint64_t delivery =
        arrival_ns && arrival_ns < LONGEST_ARRIVAL_NS ? 2 * arrival_ns : UNKNOWN_DELIVERY_NS;
    uint64_t cost = handler_ns + delivery;
    int64_t left = __atomic_sub_fetch(&account, (int64_t)cost, __ATOMIC_RELAXED);
    uint64_t mean = __atomic_load_n(&mean_cost, __ATOMIC_RELAXED), wanted, present;

    /* Threads may overwrite each other's mean: it is one all the same. */
    mean = mean ? mean + cost / MEAN_OVER - mean / MEAN_OVER : cost;
    __atomic_store_n(&mean_cost, mean, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&charges, 1, __ATOMIC_RELAXED) % MEAN_OVER)
        return;
    wanted = period_wanted(mean, left);
    present = governor_period();
    if (wanted > present + present / 4 || wanted < present - present / 4)
        __atomic_store_n(&period, wanted, __ATOMIC_RELAXED);
}
