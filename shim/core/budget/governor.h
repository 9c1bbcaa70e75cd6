/*
 * The governor: keeps what sampling costs within the budget, a share of the process's CPU time
 * whatever its number of threads, by choosing how far apart samples are and how long their windows.
 *
 * It keeps an account for the whole process.  The account is credited with the budget's share of
 * the CPU time between samples, and charged for each sample: the time in the handler, and the
 * delivery of the signal, which the kernel's time stamps tell.  The process that is to be recorded
 * begins with a loan for a burst, so that short runs have a profile too; the loan is paid back from
 * what is credited, so that longer runs keep their budget.
 *
 * governor_start is for code outside handlers; all else is signal-safe.
 */
#ifndef SHIM_CORE_BUDGET_GOVERNOR_H
#define SHIM_CORE_BUDGET_GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * `budget`: percent of CPU time.  `period_ns`: the shortest time between a thread's samples.
 * `branches`: of each window; 0: as many as pay.  `spent_ns`: CPU time that our start has taken.
 * `has_loan`: not for processes that come by the hundred, which never pay it back.
 */
void governor_start(double budget, uint64_t period_ns, uint32_t branches, uint64_t spent_ns,
                    bool has_loan);

/*
 * In a forked child: the loan was its parent's.  A child that ends in debt never pays, so it begins
 * with some debt, and earns first.
 */
void governor_after_fork(void);

/*
 * Branches after which look-ahead ends the window that begins.  Lengths are chosen so that windows
 * tell most for their CPU time: each costs a fixed part, delivery included, and some time for each
 * branch; some are shorter than the others, to tell the two.
 */
uint32_t governor_window(void);

/* A sample whose window has so many branches took `handler_ns` of wall-clock time in its handler.
 */
void governor_window_cost(uint32_t branches, uint64_t handler_ns);

/* A window has ended after this many instructions. */
void governor_window_took(uint32_t instructions);

/* CPU time between two samples of a thread, in nanoseconds, as of now. */
uint64_t governor_period(void);

/*
 * A sample has come `period_ns` after the one before, which is credited.  False: the account is too
 * deep in debt for the sample to be taken.
 */
bool governor_allows(uint64_t period_ns);

/* What a sample has cost, as far as it is known. */
struct governor_cost {
    uint64_t handler_ns;
    uint64_t delivery_ns;
};

/*
 * Charges for a sample that was handled (or dropped) in `handler_ns` of wall-clock time; its signal
 * had taken `arrival_ns` to come, 0: not known.  Returns what was charged.
 */
struct governor_cost governor_charge(uint64_t handler_ns, uint64_t arrival_ns);

/* Charges known costs, those of `expiries` (1 or more) expiries of the sampling clock in all. */
void governor_pay(uint64_t handler_ns, uint64_t delivery_ns, uint32_t expiries);

/* Credits CPU time, or charges a cost, apart from samples. */
void governor_earn(uint64_t cpu_ns);
void governor_spend(uint64_t cost_ns);

/* What the account holds, in nanoseconds; below 0: debt. */
int64_t governor_balance(void);

/*
 * For a thread that the kernel's CPU clock samples every `period_ns`.  Since the last call it used
 * `cpu_ns` of CPU time, of which its samples have credited `sampled_ns` to the account, and was
 * switched to `switches` times.  Credits the account for the rest of the time, and charges it for
 * the switches, at each of which the kernel starts and stops the clock, and for the expiries of the
 * clock in system calls, which bring no sample.  Returns the nanoseconds charged.
 */
uint64_t governor_charge_thread(uint64_t cpu_ns, uint64_t switches, uint64_t period_ns,
                                uint64_t sampled_ns);

/*
 * Whether `switches` in `cpu_ns` of CPU time cost a thread's perf_event clock at most a quarter of
 * the budget, with periods as they are now.  Where they cost more, a POSIX timer is the better
 * clock, although its time is coarser.
 */
bool governor_switches_are_cheap(uint64_t switches, uint64_t cpu_ns);

/* Whether the thread may keep that clock at all: the switches cost at most ten times the budget. */
bool governor_switches_are_bearable(uint64_t switches, uint64_t cpu_ns);

/*
 * Whether samples by POSIX timers, which come with the kernel's tick and need no interrupt of their
 * own, would cost less than those by perf_event's clocks have, by an eighth of all that a sample
 * costs, and are wanted no more often than ticks come.  So it is in virtual machines, where each
 * interrupt is dear.
 */
bool governor_timers_are_cheaper(void);

/*
 * Whether a thread that was switched to `switches` times in `cpu_ns` of CPU time, `system_ns` of it
 * in the kernel, is seen by ticks as fairly: it runs on from one to the next, and seldom meets one
 * in a page fault, which would pass for a sample of the instruction that faults.
 */
bool governor_ticks_are_fair(uint64_t switches, uint64_t cpu_ns, uint64_t system_ns);

#endif
