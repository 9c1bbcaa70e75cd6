#include "shim/core/governor.h"

#include "shim/core/lookahead/lookahead.h"

#define START_NS_PER_PERCENT                                                                       \
    3000000.0                   /* the account at start: loading us, and a burst of samples */
#define MOST_START_NS 4000000.0 /* whatever the budget: there may be many short processes */
#define DEEPEST_DEBT_NS 2000000 /* samples are dropped below this */
#define LONGEST_PERIOD_NS 100000000u
#define UNKNOWN_DELIVERY_NS 25000 /* where the kernel does not tell when a sample was due */
/*
 * Delivery, in times that a signal takes to come: there is the way back as well, the timer is
 * armed again, and the application finds its caches and the CPU's predictions gone.
 */
#define DELIVERY_ARRIVALS 3
#define LONGEST_ARRIVAL_NS 100000 /* more than this, and the thread was not running */
#define MEAN_OVER 16              /* samples */
/* A handler that seems to take longer was preempted: that time is the application's. */
#define LONGEST_HANDLER_NS 500000
/* A longer window costs less than another sample while the handler is cheap beside delivery. */
#define SHORTEST_WINDOW 32u
#define LONGEST_WINDOW 128u
#define CHEAP_HANDLER 1u /* deliveries */
#define DEAR_HANDLER 3u
/* Of the instructions that a window may take: in code with few branches it would end unfinished. */
#define MOST_OF_WINDOW (LOOKAHEAD_INSTRUCTIONS * 3 / 4)

static double share; /* of CPU time */
static uint64_t shortest_period, period;
static int64_t account;
static uint64_t mean_cost, mean_delivery, mean_instructions, charges;
static uint32_t window = SHORTEST_WINDOW;
static bool window_fixed;

void governor_start(double budget, uint64_t period_ns, uint32_t branches, uint64_t spent_ns)
{
    window_fixed = branches != 0;
    window = branches ? branches : SHORTEST_WINDOW;
    share = budget / 100;
    shortest_period = period = period_ns;
    mean_instructions = 0;
    account = START_NS_PER_PERCENT * budget < MOST_START_NS
                  ? (int64_t)(START_NS_PER_PERCENT * budget)
                  : (int64_t)MOST_START_NS;
    account -= (int64_t)spent_ns;
}

void governor_after_fork(void)
{
    if (account > -DEEPEST_DEBT_NS / 2)
        account = -DEEPEST_DEBT_NS / 2;
}

uint64_t governor_period(void)
{
    return __atomic_load_n(&period, __ATOMIC_RELAXED);
}

uint32_t governor_window(void)
{
    return __atomic_load_n(&window, __ATOMIC_RELAXED);
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

/* Threads may overwrite each other's mean: it is one all the same. */
static uint64_t mean_update(uint64_t *mean, uint64_t value)
{
    uint64_t present = __atomic_load_n(mean, __ATOMIC_RELAXED);
    present = present ? present + value / MEAN_OVER - present / MEAN_OVER : value;
    __atomic_store_n(mean, present, __ATOMIC_RELAXED);
    return present;
}

static void window_steer(uint64_t handler_ns, uint64_t delivery_ns)
{
    uint32_t present = governor_window();
    uint64_t instructions = __atomic_load_n(&mean_instructions, __ATOMIC_RELAXED);

    if (window_fixed)
        return;
    if (handler_ns < CHEAP_HANDLER * delivery_ns && instructions * 2 < MOST_OF_WINDOW &&
        present < LONGEST_WINDOW)
        __atomic_store_n(&window, present * 2, __ATOMIC_RELAXED);
    else if (handler_ns > DEAR_HANDLER * delivery_ns && present > SHORTEST_WINDOW)
        __atomic_store_n(&window, present / 2, __ATOMIC_RELAXED);
}

void governor_window_took(uint32_t instructions)
{
    uint32_t present = governor_window();

    mean_update(&mean_instructions, instructions);
    if (instructions < LOOKAHEAD_INSTRUCTIONS || window_fixed)
        return;
    /* At once, and for a while: the mean begins anew from here. */
    __atomic_store_n(&mean_instructions, instructions, __ATOMIC_RELAXED);
    if (present > SHORTEST_WINDOW)
        __atomic_store_n(&window, present / 2, __ATOMIC_RELAXED);
}

void governor_earn(uint64_t cpu_ns)
{
    __atomic_add_fetch(&account, (int64_t)(share * (double)cpu_ns), __ATOMIC_RELAXED);
}

void governor_spend(uint64_t cost_ns)
{
    __atomic_sub_fetch(&account, (int64_t)cost_ns, __ATOMIC_RELAXED);
}

int64_t governor_balance(void)
{
    return __atomic_load_n(&account, __ATOMIC_RELAXED);
}

void governor_pay(uint64_t handler_ns, uint64_t delivery, uint32_t expiries)
{
    uint64_t longest = (uint64_t)LONGEST_HANDLER_NS * expiries;
    uint64_t cost = delivery + (handler_ns < longest ? handler_ns : longest);
    int64_t left = __atomic_sub_fetch(&account, (int64_t)cost, __ATOMIC_RELAXED);
    uint64_t mean = mean_update(&mean_cost, cost / expiries), wanted, present;
    uint64_t usual_delivery = mean_update(&mean_delivery, delivery / expiries);
    uint64_t before;

    before = __atomic_fetch_add(&charges, expiries, __ATOMIC_RELAXED);
    if (before / MEAN_OVER == (before + expiries) / MEAN_OVER)
        return;
    window_steer(mean > usual_delivery ? mean - usual_delivery : 0, usual_delivery);
    wanted = period_wanted(mean, left);
    present = governor_period();
    if (wanted > present + present / 4 || wanted < present - present / 4)
        __atomic_store_n(&period, wanted, __ATOMIC_RELAXED);
}

uint64_t governor_charge(uint64_t handler_ns, uint64_t arrival_ns)
{
    uint64_t delivery = arrival_ns && arrival_ns < LONGEST_ARRIVAL_NS
                            ? DELIVERY_ARRIVALS * arrival_ns
                            : UNKNOWN_DELIVERY_NS;
    governor_pay(handler_ns, delivery, 1);
    return delivery;
}
