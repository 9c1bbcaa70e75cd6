#include "shim/preload/waiting.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>

#include "shim/core/ground/kernel_signal.h"
#include "shim/core/ground/kernel_version.h"
#include "shim/core/ground/log.h"
#include "shim/core/ground/notes.h"
#include "shim/core/ground/own_stack.h"
#include "shim/core/ground/random.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/settings/settings.h"
#include "shim/preload/core_objects.h"
#include "shim/preload/preload.h"
#include "shim/preload/signals.h"
#include "shim/preload/unsuited.h"

#define OUR_SIGNAL SIGSTKFLT
#define PAGE 4096u
#define CAN_READ_BASE 2u /* in AT_HWCAP2 */
#define NANOSECONDS 1000000000.0
#define LONGEST_TICK_NS 10000000u
#define SHORTEST_TICK_NS 1000000u

enum state {
    WAITING,
    STARTING,
    STARTED, /* preload_core() is the core */
    OVER     /* nothing is recorded any more */
};

static const struct core_interface waiting_interface;
static struct core_host *host;
static uint32_t state;
static uint32_t share; /* of ticks that are taken; 0: not known yet */
static uint32_t held;  /* ticks are not taken: a fork is under way, or it was asked for */
static bool paused;    /* by the application */
static pid_t own_process;
static bool can_read_base;     /* programs may execute rdfsbase */
static uintptr_t thread_block; /* of the first thread */
static int timer;
static uint64_t random_state;
static bool has_guard;  /* below the signal stack */
static char timer_mark; /* its address tells our timer's signals from others */

/* A page that nobody may touch, and the signal stack of the first thread. */
static uint8_t signal_memory[PAGE + CORE_SIGNAL_STACK_SIZE] __attribute__((aligned(4096)));

static uint32_t state_now(void)
{
    return __atomic_load_n(&state, __ATOMIC_ACQUIRE);
}

/* The core, where it has started since the caller asked for it. */
static const struct core_interface *started(void)
{
    return state_now() == STARTED ? preload_core() : NULL;
}

static bool runs_here(void)
{
    return system_call(SYS_getpid) == own_process;
}

/* --- the timer ---------------------------------------------------------------------------- */

uint32_t waiting_share(double percent, uint32_t rate, uint64_t tick)
{
    double period = WAITING_PERIOD_NS / percent;

    if (period < NANOSECONDS / rate)
        period = NANOSECONDS / rate;
    if (period <= (double)tick)
        return UINT32_MAX;
    return (uint32_t)((double)tick / period * UINT32_MAX);
}

/* What the kernel gives each program that it starts (AT_RANDOM).  No clock is read for it, which
 * would map two more pages of the process. */
static uint64_t random_of_process(void)
{
    const void *bytes = (const void *)getauxval(AT_RANDOM);
    uint64_t value = 0;

    if (bytes)
        memcpy(&value, bytes, sizeof(value));
    return value;
}

/* It expires at every tick of the kernel's that finds this thread running.  False: there is none.
 */
static bool timer_arm(void)
{
    struct itimerspec setting = {{0, SHORTEST_TICK_NS / 2}, {0, 1}};
    struct sigevent event;
    pid_t thread = system_thread_id();

    random_state = (random_of_process() ^ ((uint64_t)thread << 32)) | 1; /* never 0 */
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = OUR_SIGNAL;
    event.sigev_value.sival_ptr = &timer_mark;
    event._sigev_un._tid = thread;
    if (system_call(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &timer) < 0)
        return false;
    if (system_call(SYS_timer_settime, timer, 0, &setting, NULL) == 0)
        return true;
    system_call(SYS_timer_delete, timer);
    return false;
}

static uint64_t kernel_tick(void)
{
    enum { USUAL_NS = 4000000 };
    struct timespec resolution = {0, 0};

    return clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 && resolution.tv_nsec
               ? (uint64_t)resolution.tv_nsec
               : USUAL_NS;
}

/* UINT32_MAX: all; never 0. */
static uint32_t share_of_ticks(void)
{
    if (!share)
        share = waiting_share(host->settings->budget, host->settings->rate, kernel_tick()) | 1;
    return share;
}

/* Whether the core is to be started at once.  The tick is asked for where that depends on it. */
static bool starts_at_once(void)
{
    const struct settings *settings = host->settings;

    return settings->at_once ||
           (waiting_share(settings->budget, settings->rate, LONGEST_TICK_NS) == UINT32_MAX &&
            share_of_ticks() == UINT32_MAX);
}

/* --- the start ---------------------------------------------------------------------------- */

/* Before more than a handler of ours runs on the signal stack.  False: there is no guard. */
static bool signal_stack_guard(void)
{
    if (!has_guard && state_now() != OVER)
        has_guard = system_call(SYS_mprotect, signal_memory, PAGE, PROT_NONE) == 0;
    return has_guard;
}

/* NULL: it cannot be loaded, and `why` says the reason. */
static const struct core_interface *core_load(char *why, size_t size)
{
    if (unsuited_meanwhile(why, size))
        return NULL;
    if (host->signal_stack && !signal_stack_guard()) {
        text_print(why, size, "its signal stack cannot have a guard page");
        return NULL;
    }
    return core_objects_load(why, size);
}

/* False: it is not recorded, which was said. */
static bool core_begin_here(bool in_handler)
{
    const struct core_interface *core;
    char why[1024] = "";

    host->start_cpu_ns = system_clock(CLOCK_THREAD_CPUTIME_ID);
    host->in_handler = in_handler;
    if (system_thread_id() != own_process)
        host->signal_stack = NULL; /* another thread's */
    core = core_load(why, sizeof(why));
    if (!core && why[0]) {
        log_line("not profiled: %s", why);
        notes_add(NULL, why);
    }
    if (!preload_stands_aside())
        system_call(SYS_timer_delete, timer);
    if (!core || !core->start(host)) {
        __atomic_store_n(&state, OVER, __ATOMIC_RELEASE);
        return false;
    }
    if (paused)
        core->pause(true);
    preload_set_core(core);
    __atomic_store_n(&state, STARTED, __ATOMIC_RELEASE);
    return true;
}

struct start {
    bool in_handler, done;
};

static void start_run(void *argument, ucontext_t *unused)
{
    struct start *start = argument;
    (void)unused;
    start->done = core_begin_here(start->in_handler);
}

/*
 * Starts the core, on a stack of ours: the application's may be as small as its own calls need.
 * Other threads than the first have none yet.  False: it is not recorded, which was said, or
 * somebody else starts it.
 */
static bool core_begin(bool in_handler)
{
    struct start start = {in_handler, false};
    uint32_t expected = WAITING;

    if (!runs_here() || !__atomic_compare_exchange_n(&state, &expected, STARTING, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return false;
    if (system_thread_id() == own_process)
        own_stack_call(signal_memory + PAGE, CORE_SIGNAL_STACK_SIZE, start_run, &start, NULL);
    else
        start_run(&start, NULL);
    return start.done;
}

/* Signals of ours stay away meanwhile; the first sample is taken by the core's own clock. */
void waiting_end(void)
{
    kernel_sigset all = ~UINT64_C(0), old = 0;
    int saved_errno = errno;

    if (state_now() != WAITING)
        return;
    system_sigprocmask(SIG_BLOCK, &all, &old);
    core_begin(false);
    system_sigprocmask(SIG_SETMASK, &old, NULL);
    errno = saved_errno;
}

static void tick_take(void *unused, ucontext_t *context)
{
    (void)unused;
    if (core_begin(true))
        preload_core()->take_sample(context);
}

/* The end of a system call, whose instruction leaves its return address in rcx: no user code ran.
 */
static bool in_system_call(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_RCX] == context->uc_mcontext.gregs[REG_RIP];
}

static bool tick_is_taken(const ucontext_t *context)
{
    return state_now() == WAITING && !__atomic_load_n(&held, __ATOMIC_ACQUIRE) && !paused &&
           !in_system_call(context) &&
           (uint32_t)(random_next(&random_state) >> 32) < share_of_ticks();
}

/* A program may point the FS register elsewhere (core/thread/thread_block.h): nothing may be done.
 */
static bool has_other_thread_block(void)
{
    uintptr_t base;

    if (!can_read_base)
        return false;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base != thread_block;
}

static __attribute__((noinline)) void handle_in_thread(int signal, siginfo_t *information,
                                                       void *context)
{
    int saved_errno = errno;

    if (information->si_code == SI_TIMER && information->si_value.sival_ptr == &timer_mark) {
        if (tick_is_taken(context))
            own_stack_call(signal_memory + PAGE, CORE_SIGNAL_STACK_SIZE, tick_take, NULL, context);
    } else {
        signal_stack_guard();
        if (!signals_forward(signal, information, context))
            kernel_signal_default(signal);
    }
    errno = saved_errno;
}

static void handle(int signal, siginfo_t *information, void *context)
{
    if (!has_other_thread_block())
        handle_in_thread(signal, information, context);
}

static void signal_stack_give(void)
{
    stack_t present = {0},
            ours = {.ss_sp = signal_memory + PAGE, .ss_size = CORE_SIGNAL_STACK_SIZE};

    if (system_call(SYS_sigaltstack, NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE))
        return;
    if (system_call(SYS_sigaltstack, &ours, NULL) == 0)
        host->signal_stack = signal_memory + PAGE;
}

void waiting_begin(struct core_host *core_host)
{
    const kernel_sigset ours = KERNEL_SIGSET_BIT(OUR_SIGNAL);

    host = core_host;
    own_process = (pid_t)system_call(SYS_getpid);
    can_read_base = getauxval(AT_HWCAP2) & CAN_READ_BASE;
    thread_block = (uintptr_t)__builtin_thread_pointer();
    if (!kernel_signal_install(OUR_SIGNAL, handle)) {
        log_line("not profiled: the application uses signal 16 (SIGSTKFLT)");
        notes_add(NULL, "the application uses signal 16 (SIGSTKFLT)");
        return;
    }
    host->has_signal = true;
    host->earlier_timer = &timer_mark;
    signal_stack_give();
    timer = -1;
    preload_set_core(&waiting_interface);
    /* What others have sent meanwhile comes now, and may end it at once. */
    system_sigprocmask(SIG_UNBLOCK, &ours, NULL);
    if (state_now() == OVER)
        return;
    if (starts_at_once() || !host->signal_stack || !kernel_timers_spare_system_calls() ||
        !timer_arm())
        waiting_end();
}

bool waiting_is_recorded(void)
{
    return preload_core() && state_now() != OVER;
}

/* --- what stands for the core ------------------------------------------------------------- */

/* What the core must know starts it, and is told to it. */
#define TELL(call)                                                                                 \
    do {                                                                                           \
        waiting_end();                                                                             \
        if (started())                                                                             \
            started()->call;                                                                       \
    } while (0)

static bool waiting_owns_signal(int signal)
{
    return started() ? started()->owns_signal(signal) : signal == OUR_SIGNAL;
}

static bool waiting_start(const struct core_host *unused)
{
    (void)unused;
    return false;
}

static void waiting_take_sample(ucontext_t *unused)
{
    (void)unused;
}

/* Threads that began before we waited are found by the start. */
static void waiting_thread_start(uint64_t stack_low, uint64_t stack_high)
{
    if (started())
        started()->thread_start(stack_low, stack_high);
}

static void waiting_thread_stop(void)
{
    if (started())
        started()->thread_stop();
}

/* The core is not started between two halves of a fork, of which it would see one. */
static void waiting_fork_begin(void)
{
    __atomic_store_n(&held, 1, __ATOMIC_SEQ_CST);
}

static void waiting_fork_end_parent(void)
{
    __atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
}

/* Timers are not inherited. */
static void waiting_fork_end_child(void)
{
    if (state_now() == WAITING) {
        own_process = (pid_t)system_call(SYS_getpid);
        thread_block = (uintptr_t)__builtin_thread_pointer();
        if (!timer_arm())
            waiting_end();
    }
    __atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
}

static void waiting_process_end(void)
{
    if (started())
        started()->end();
}

/* The start looks at all of them. */
static void waiting_modules_changed(void)
{
    if (started())
        started()->modules_changed();
}

static void waiting_avoid_memory(void)
{
    TELL(avoid_memory());
}

static void waiting_forbid_time_stamps(void)
{
    TELL(forbid_time_stamps());
}

static void signal_stack_take_back(void)
{
    stack_t present = {0}, none = {.ss_flags = SS_DISABLE};

    if (host->signal_stack && system_call(SYS_sigaltstack, NULL, &present) == 0 &&
        present.ss_sp == host->signal_stack)
        system_call(SYS_sigaltstack, &none, NULL);
    host->signal_stack = NULL;
}

static void waiting_wind_down(const char *why)
{
    uint32_t expected = WAITING;

    if (started()) {
        started()->wind_down(why);
        return;
    }
    if (!runs_here() || !__atomic_compare_exchange_n(&state, &expected, OVER, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return;
    system_call(SYS_timer_delete, timer);
    signal_stack_take_back();
    log_line("sampling ends: %s", why);
    notes_add(NULL, why);
}

static void waiting_pause(bool pause)
{
    paused = pause;
    if (started())
        started()->pause(pause);
}

static bool waiting_in_handler(void)
{
    return started() && started()->in_handler();
}

static bool waiting_owns_signal_stack(const void *stack)
{
    if (started())
        return started()->owns_signal_stack(stack);
    return stack && stack == host->signal_stack;
}

static bool waiting_runs_here(void)
{
    return started() ? started()->runs_here() : state_now() != OVER && runs_here();
}

static void waiting_rights_will_change(void)
{
    TELL(rights_will_change());
}

static void waiting_rights_changed(void)
{
    if (started())
        started()->rights_changed();
}

static void waiting_number_closes(int number)
{
    if (started())
        started()->number_closes(number);
}

static void waiting_number_is_taken(int number)
{
    if (started())
        started()->number_is_taken(number);
}

static void waiting_unknown_numbers_close(void)
{
    if (started())
        started()->unknown_numbers_close();
}

static void waiting_signal_stacks_withdraw(void)
{
    TELL(signal_stacks_withdraw());
}

static void waiting_signal_stack_expect(size_t size)
{
    TELL(signal_stack_expect(size));
}

static const struct core_interface waiting_interface = {
    .version = CORE_INTERFACE_VERSION,
    .owns_signal = waiting_owns_signal,
    .start = waiting_start,
    .take_sample = waiting_take_sample,
    .thread_start = waiting_thread_start,
    .thread_stop = waiting_thread_stop,
    .fork_begin = waiting_fork_begin,
    .fork_end_parent = waiting_fork_end_parent,
    .fork_end_child = waiting_fork_end_child,
    .end = waiting_process_end,
    .modules_changed = waiting_modules_changed,
    .avoid_memory = waiting_avoid_memory,
    .forbid_time_stamps = waiting_forbid_time_stamps,
    .wind_down = waiting_wind_down,
    .pause = waiting_pause,
    .in_handler = waiting_in_handler,
    .owns_signal_stack = waiting_owns_signal_stack,
    .runs_here = waiting_runs_here,
    .rights_will_change = waiting_rights_will_change,
    .rights_changed = waiting_rights_changed,
    .number_closes = waiting_number_closes,
    .number_is_taken = waiting_number_is_taken,
    .unknown_numbers_close = waiting_unknown_numbers_close,
    .signal_stacks_withdraw = waiting_signal_stacks_withdraw,
    .signal_stack_expect = waiting_signal_stack_expect,
};
