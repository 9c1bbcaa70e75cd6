#include "shim/core/budget/governor.h"

#include <time.h>

#include "shim/core/window/window.h"

/* The loan at the start: loading us, and a burst of samples. */
#define START_NS_PER_PERCENT 3000000.0
#define MOST_START_NS 4000000.0 /* whatever the budget */
#define COLD_COST_NS 300000     /* of a process's first samples: none of our pages are there yet */
#define PAID_BACK 4             /* of what is credited, one part in this many pays back the loan */
#define DEEPEST_DEBT_NS 2000000 /* samples are dropped below this */
#define LONGEST_PERIOD_NS 100000000u
/*
 * Where the kernel does not tell when a sample was due: of a timer's signal.  Measured: 13 to 24
 * microseconds, where those of perf_event's clocks took 37 to 51 (docs/recording.md).
 */
#define UNKNOWN_DELIVERY_NS 25000
#define WORTH_A_CHANGE 8 /* one part in this many of a sample's cost, for another clock */
#define FAIR_SYSTEM 16   /* at most one part in this many of the CPU time, for a timer */
#define UNKNOWN_ARRIVAL_NS 8000
/*
 * Delivery, in times that a signal takes to come: the kernel was interrupted before, and goes back
 * afterwards, arms the timer again, and the application finds its caches gone.  Measured: 1.5
 * to 1.8 at 40 to 1,000 samples a second (tests/bench/programs/delivery.c).
 */
#define DELIVERY_ARRIVALS 2
#define EXPIRY_ARRIVALS 1.5       /* an expiry in a system call: the interrupt, and no signal */
#define LONGEST_ARRIVAL_NS 100000 /* more than this, and the thread was not running */
/*
 * A switch to a thread with a clock costs about the shortest time that a signal takes to come where
 * that clock is the CPU's next timer, which then has to be set; one part in SWITCH_PART of it
 * always.
 */
#define SWITCH_PART 6
#define MOST_SHARES                                                                                \
    10 /* of the budget, for a clock at switches; beyond, its thread is not sampled */
#define FEW_SHARES 0.25 /* beyond, other clocks are better */
/* The rate of switches is taken over the last of this much CPU time; the first has none. */
#define FIRST_RATE_NS 200000000u
#define LONGEST_RATE_NS 2000000000u
#define TICK_NS 4000000u /* where the kernel does not tell */
#define MEAN_OVER 16     /* samples */
#define STEERED_EVERY 4  /* samples */
/* A handler that seems to take longer was preempted: the rest of that time is not ours. */
#define LONGEST_HANDLER_NS 500000
#define SHORTEST_WINDOW 32u
#define LONGEST_WINDOW 128u
/* Branches of one window are alike: N of them say as much as ALIKE * N / (ALIKE + N) of windows of
 * their own. */
#define ALIKE 128.0
#define SHORT_ONE_IN 8u  /* windows is short, so that what a branch costs shows */
#define SHORT_PART 4u    /* and as short as this part of the others */
#define LEARNED_FROM 32u /* windows, before lengths go by what they cost */
#define LEARNED_OVER 128u
#define LEAST_VARIANCE 64.0 /* of the number of branches, to tell what one costs */
#define WORTH_IT 1.05       /* times more for the CPU time, for another length */
/* Of the instructions that a window may take: in code with few branches it would end unfinished. */
#define MOST_OF_WINDOW (WINDOW_MOST_INSTRUCTIONS * 3 / 4)

static double share; /* of CPU time */
static uint64_t shortest_period, period;
static int64_t account;
static int64_t start_ns; /* the loan of a process that has one */
static int64_t borrowed; /* what of it is not paid back */
static uint64_t mean_cost, mean_delivery, mean_instructions, charges;
static uint64_t least_arrival;              /* that of a signal which nothing else held up */
static uint64_t tick;                       /* the longest time between two timers of a CPU, ns */
static uint64_t switches_seen, switches_ns; /* of all threads, and in how much CPU time */
static uint32_t window = LONGEST_WINDOW;
static bool window_fixed;
static uint32_t windows_begun;

/* Moving means of windows, by which a line is laid through what they took (nanoseconds, branches).
 */
static struct {
    uint32_t locked, count;
    double branches, handler_ns, variance, covariance;
} learned;

/*
 * The period for samples that cost `cost`, with `left` in the account.  With nothing in it, samples
 * take just what is credited.  What is left of the loan makes the period shorter in proportion, so
 * that the burst thins out and does not end in debt; debt makes it longer, twice at its deepest.
 */
static uint64_t period_wanted(uint64_t cost, int64_t left)
{
    bool paying_back = __atomic_load_n(&borrowed, __ATOMIC_RELAXED) > 0;
    double kept = paying_back ? share * (PAID_BACK - 1) / PAID_BACK : share;
    double sustained = (double)cost / kept, shortest = (double)shortest_period, wanted;

    if (sustained <= shortest)
        return shortest_period;
    if (left > 0) {
        double full = left < start_ns ? (double)left / (double)start_ns : 1;
        wanted = 1 / (1 / sustained + full * (1 / shortest - 1 / sustained));
    } else {
        double deep = left > -DEEPEST_DEBT_NS ? -(double)left / DEEPEST_DEBT_NS : 1;
        wanted = sustained * (1 + deep);
    }
    return wanted > LONGEST_PERIOD_NS ? LONGEST_PERIOD_NS : (uint64_t)wanted;
}

static int64_t loan_of(double budget)
{
    double loan = START_NS_PER_PERCENT * budget;
    return loan < MOST_START_NS ? (int64_t)loan : (int64_t)MOST_START_NS;
}

void governor_start(double budget, uint64_t period_ns, uint32_t branches, uint64_t spent_ns,
                    bool has_loan)
{
    struct timespec resolution;

    window_fixed = branches != 0;
    window = branches ? branches : LONGEST_WINDOW;
    learned.locked = learned.count = 0;
    learned.variance = learned.covariance = 0;
    share = budget / 100;
    shortest_period = period = period_ns;
    mean_cost = mean_delivery = mean_instructions = charges = switches_seen = 0;
    switches_ns = FIRST_RATE_NS;
    least_arrival = UNKNOWN_ARRIVAL_NS;
    tick = clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 && resolution.tv_nsec
               ? (uint64_t)resolution.tv_nsec
               : TICK_NS;
    start_ns = loan_of(budget);
    borrowed = has_loan ? start_ns : 0;
    account = borrowed - (int64_t)spent_ns;
    if (!has_loan)
        period = period_wanted(COLD_COST_NS, account);
}

void governor_after_fork(void)
{
    borrowed = 0;
    learned.locked = 0;
    if (account > -DEEPEST_DEBT_NS / 2)
        account = -DEEPEST_DEBT_NS / 2;
}

uint64_t governor_period(void)
{
    return __atomic_load_n(&period, __ATOMIC_RELAXED);
}

uint32_t governor_window(void)
{
    uint32_t present = __atomic_load_n(&window, __ATOMIC_RELAXED);

    if (window_fixed || __atomic_add_fetch(&windows_begun, 1, __ATOMIC_RELAXED) % SHORT_ONE_IN)
        return present;
    return present / SHORT_PART;
}

void governor_earn(uint64_t cpu_ns)
{
    int64_t earned = (int64_t)(share * (double)cpu_ns);

    if (__atomic_load_n(&borrowed, __ATOMIC_RELAXED) > 0) {
        int64_t paid_back = earned / PAID_BACK;
        __atomic_sub_fetch(&borrowed, paid_back, __ATOMIC_RELAXED);
        earned -= paid_back;
    }
    __atomic_add_fetch(&account, earned, __ATOMIC_RELAXED);
}

bool governor_allows(uint64_t period_ns)
{
    governor_earn(period_ns);
    return governor_balance() > -DEEPEST_DEBT_NS;
}

static void period_steer(uint64_t cost, int64_t left)
{
    uint64_t wanted = period_wanted(cost, left), present = governor_period();
    if (wanted > present + present / 4 || wanted < present - present / 4)
        __atomic_store_n(&period, wanted, __ATOMIC_RELAXED);
}

/*
 * Takes a value into a moving mean; `before` values came before it.  The first value, of a cold
 * handler, has no more weight than later ones.  Threads may overwrite each other's mean, which is
 * harmless.
 */
static uint64_t mean_update(uint64_t *mean, uint64_t value, uint64_t before)
{
    uint64_t over = before < MEAN_OVER ? before + 1 : MEAN_OVER;
    uint64_t present = __atomic_load_n(mean, __ATOMIC_RELAXED);
    present = present + value / over - present / over;
    __atomic_store_n(mean, present, __ATOMIC_RELAXED);
    return present;
}

/* What setting the CPU's timer at each of these switches costs. */
static double setting_cost(uint64_t switches)
{
    return (double)switches * (double)__atomic_load_n(&least_arrival, __ATOMIC_RELAXED);
}

/* What setting the timer adds to a sample where the period is longer than a tick. */
static uint64_t switching_cost(void)
{
    double rate = (double)__atomic_load_n(&switches_seen, __ATOMIC_RELAXED) /
                  (double)__atomic_load_n(&switches_ns, __ATOMIC_RELAXED);
    return (uint64_t)(rate * setting_cost(1) * (double)tick);
}

static void switches_learn(uint64_t switches, uint64_t cpu_ns)
{
    __atomic_add_fetch(&switches_seen, switches, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&switches_ns, cpu_ns, __ATOMIC_RELAXED) < LONGEST_RATE_NS)
        return;
    __atomic_store_n(&switches_seen, switches_seen / 2, __ATOMIC_RELAXED);
    __atomic_store_n(&switches_ns, switches_ns / 2, __ATOMIC_RELAXED);
}

/* What windows of that length tell for their CPU time, `fixed` ns and `each` a branch. */
static double window_worth(uint32_t branches, double fixed, double each)
{
    return branches / ((ALIKE + branches) * (fixed + each * branches));
}

static void window_steer(double fixed, double each)
{
    uint32_t present = __atomic_load_n(&window, __ATOMIC_RELAXED);
    uint64_t instructions = __atomic_load_n(&mean_instructions, __ATOMIC_RELAXED);
    double enough = window_worth(present, fixed, each) * WORTH_IT;

    if (present < LONGEST_WINDOW && instructions * 2 < MOST_OF_WINDOW &&
        window_worth(present * 2, fixed, each) > enough)
        __atomic_store_n(&window, present * 2, __ATOMIC_RELAXED);
    else if (present > SHORTEST_WINDOW && window_worth(present / 2, fixed, each) > enough)
        __atomic_store_n(&window, present / 2, __ATOMIC_RELAXED);
}

static void window_learn(uint32_t branches, double handler_ns)
{
    double over = ++learned.count < LEARNED_OVER ? learned.count : LEARNED_OVER;
    double off = branches - learned.branches;

    learned.branches += off / over;
    learned.handler_ns += (handler_ns - learned.handler_ns) / over;
    learned.variance += (off * (branches - learned.branches) - learned.variance) / over;
    learned.covariance += (off * (handler_ns - learned.handler_ns) - learned.covariance) / over;
}

/* Of a line through them; the delivery is paid for each, however long. */
static void window_judge(void)
{
    double each = learned.covariance / learned.variance;
    double delivery = (double)__atomic_load_n(&mean_delivery, __ATOMIC_RELAXED);

    if (each < 0)
        each = 0;
    window_steer(learned.handler_ns - each * learned.branches + delivery, each);
}

void governor_window_cost(uint32_t branches, uint64_t handler_ns)
{
    /* Another thread's, at the same time, may be left out. */
    if (window_fixed || handler_ns >= LONGEST_HANDLER_NS ||
        __atomic_exchange_n(&learned.locked, 1, __ATOMIC_ACQUIRE))
        return;
    window_learn(branches, (double)handler_ns);
    if (learned.count >= LEARNED_FROM && learned.count % MEAN_OVER == 0 &&
        learned.variance > LEAST_VARIANCE)
        window_judge();
    __atomic_store_n(&learned.locked, 0, __ATOMIC_RELEASE);
}

void governor_window_took(uint32_t instructions)
{
    uint32_t present = __atomic_load_n(&window, __ATOMIC_RELAXED);

    mean_update(&mean_instructions, instructions, mean_instructions ? MEAN_OVER : 0);
    if (instructions < WINDOW_MOST_INSTRUCTIONS || window_fixed)
        return;
    /* At once, and for a while: the mean begins anew from here. */
    __atomic_store_n(&mean_instructions, instructions, __ATOMIC_RELAXED);
    if (present > SHORTEST_WINDOW)
        __atomic_store_n(&window, present / 2, __ATOMIC_RELAXED);
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
    uint64_t before = __atomic_fetch_add(&charges, expiries, __ATOMIC_RELAXED);
    uint64_t mean = mean_update(&mean_cost, cost / expiries, before);

    mean_update(&mean_delivery, delivery / expiries, before);
    if (before / STEERED_EVERY != (before + expiries) / STEERED_EVERY)
        period_steer(mean + switching_cost(), left);
}

/* A preempted handler is charged what others took, as far as there were any. */
static uint64_t handler_cost(uint64_t handler_ns)
{
    uint64_t mean = __atomic_load_n(&mean_cost, __ATOMIC_RELAXED);
    uint64_t delivery = __atomic_load_n(&mean_delivery, __ATOMIC_RELAXED);

    if (handler_ns < LONGEST_HANDLER_NS)
        return handler_ns;
    return mean > delivery ? mean - delivery : LONGEST_HANDLER_NS;
}

struct governor_cost governor_charge(uint64_t handler_ns, uint64_t arrival_ns)
{
    struct governor_cost cost = {.handler_ns = handler_cost(handler_ns),
                                 .delivery_ns = arrival_ns && arrival_ns < LONGEST_ARRIVAL_NS
                                                    ? DELIVERY_ARRIVALS * arrival_ns
                                                    : UNKNOWN_DELIVERY_NS};
    if (arrival_ns && arrival_ns < __atomic_load_n(&least_arrival, __ATOMIC_RELAXED))
        __atomic_store_n(&least_arrival, arrival_ns, __ATOMIC_RELAXED);
    governor_pay(cost.handler_ns, cost.delivery_ns, 1);
    return cost;
}

/* What these switches cost a thread with a clock of that period. */
static double clock_cost(uint64_t switches, uint64_t period_ns)
{
    double setting = setting_cost(switches);
    return setting / SWITCH_PART +
           (period_ns > tick ? setting * (double)tick / (double)period_ns : setting);
}

bool governor_switches_are_cheap(uint64_t switches, uint64_t cpu_ns)
{
    return clock_cost(switches, governor_period()) <= FEW_SHARES * share * (double)cpu_ns;
}

bool governor_switches_are_bearable(uint64_t switches, uint64_t cpu_ns)
{
    return setting_cost(switches) / SWITCH_PART <= MOST_SHARES * share * (double)cpu_ns;
}

bool governor_timers_are_cheaper(void)
{
    uint64_t cost = __atomic_load_n(&mean_cost, __ATOMIC_RELAXED);
    uint64_t delivery = __atomic_load_n(&mean_delivery, __ATOMIC_RELAXED);

    return delivery > UNKNOWN_DELIVERY_NS + cost / WORTH_A_CHANGE &&
           period_wanted(cost - delivery + UNKNOWN_DELIVERY_NS, 0) >= tick;
}

bool governor_ticks_are_fair(uint64_t switches, uint64_t cpu_ns, uint64_t system_ns)
{
    return switches * tick <= cpu_ns && system_ns * FAIR_SYSTEM <= cpu_ns;
}

uint64_t governor_charge_thread(uint64_t cpu_ns, uint64_t switches, uint64_t period_ns,
                                uint64_t sampled_ns)
{
    uint64_t beyond_ns = cpu_ns > sampled_ns ? cpu_ns - sampled_ns : 0;
    double arrival = (double)__atomic_load_n(&least_arrival, __ATOMIC_RELAXED);
    double cost = clock_cost(switches, period_ns), earned = share * (double)cpu_ns, most;
    int64_t left;

    if (cpu_ns == 0)
        return 0;
    cost += (double)beyond_ns / (double)period_ns * EXPIRY_ARRIVALS * arrival;
    switches_learn(switches, cpu_ns);
    governor_earn(beyond_ns);
    left = governor_balance();
    /* Half of the credit stays for samples: to drop them would make no switch cheaper. */
    most = earned / 2 + (left > 0 ? (double)left : 0);
    left = __atomic_sub_fetch(&account, (int64_t)(cost < most ? cost : most), __ATOMIC_RELAXED);
    period_steer(__atomic_load_n(&mean_cost, __ATOMIC_RELAXED) + switching_cost(), left);
    return (uint64_t)cost;
}
