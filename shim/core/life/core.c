/* The core's life: start, the threads' beginnings and ends, fork, the end. */
#include "shim/core/core_interface.h"

#include <asm/prctl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "shim/core/branch/sources.h"
#include "shim/core/branch/stepping.h"
#include "shim/core/budget/governor.h"
#include "shim/core/ground/cpu_state.h"
#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/handler_keys.h"
#include "shim/core/ground/log.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/notes.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/life/closing.h"
#include "shim/core/life/handler.h"
#include "shim/core/life/signal_stacks.h"
#include "shim/core/life/threads.h"
#include "shim/core/lookahead/thunks.h"
#include "shim/core/modules/image.h"
#include "shim/core/modules/modules.h"
#include "shim/core/pages/pages.h"
#include "shim/core/settings/settings.h"
#include "shim/core/stacks/stacks.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"
#include "shim/core/thread/thread_register.h"

#define NANOSECONDS 1000000000u
/*
 * With a call stack at one sample in DENSE_STACKS or more, a profile by callers is wanted, and its
 * contexts may take that part of the file; otherwise they must not keep traces out.
 */
#define DENSE_STACKS 4
#define DENSE_CONTEXTS 4
#define SPARSE_CONTEXTS 64

/* The kernel keeps this much below the main stack free of other mappings. */
#define LARGEST_MAIN_STACK (UINT64_C(128) << 20)

static struct settings settings; /* as the process was started with */
static bool running;
static struct users {
    uid_t real, saved;
} event_users;                     /* as whom all events were opened */
static pid_t own_process;          /* that started, or was forked with our handlers */
static __thread bool fork_is_ours; /* the fork that this thread is in */

/* --- who we are in ---------------------------------------------------------- */

/* %m: the executable's build-id, or its path where it has none. */
static uint64_t program_signature(const char *path)
{
    uint64_t headers = getauxval(AT_PHDR), bias = 0;
    uint32_t count = (uint32_t)getauxval(AT_PHNUM);
    struct image image;

    /* The headers' own address, link-time, tells the load bias: PT_PHDR comes first. */
    struct {
        uint32_t type, flags;
        uint64_t offset, address;
    } first;
    if (memory_read(&first, headers, sizeof(first)) && first.type == 6 /* PT_PHDR */)
        bias = headers - first.address;
    if (!image_read(headers, count, bias, &image))
        image.build_id_size = 0;
    return image_signature(&image, path);
}

/* Says why the program runs unprofiled, to whoever asked. */
static void refuse(const char *why)
{
    log_line("not profiled: %s", why);
    notes_add(NULL, why);
}

static bool store_start(const struct core_host *host, uint64_t period_ns)
{
    char program[1024] = "", why[2048];
    struct utsname system = {0};
    struct store_request request = {
        .pattern = settings.file,
        .size_limit = settings.size_limit,
        .program = program,
        .command_line = host->command_line,
        .host = system.nodename,
        .period_ns = period_ns,
        .temporary_directory = settings.temporary_directory,
    };

    modules_program_path(program, sizeof(program));
    system_call(SYS_uname, &system);
    request.program_id = program_signature(program);
    if (store_open(&request, why, sizeof(why)))
        return true;
    refuse(why);
    return false;
}

/* --- what is used ------------------------------------------------------------ */

static const struct branch_source *source_wanted(enum settings_branches branches)
{
    switch (branches) {
    case SETTINGS_BRANCHES_HARDWARE:
        return &branch_source_hardware;
    case SETTINGS_BRANCHES_STEP:
        return &branch_source_step;
    case SETTINGS_BRANCHES_COMPARE:
        return &branch_source_compare;
    case SETTINGS_BRANCHES_OFF:
        return &branch_source_off;
    default:
        return &branch_source_lookahead;
    }
}

/*
 * The branch source, and from which rung on the sampling ladder is climbed: the
 * first rung only serves the hardware source.  What failed goes to `why`.
 */
static const struct branch_source *source_choose(size_t *first_rung, char *why, size_t why_size)
{
    const struct branch_source *source = source_wanted(settings.branches);
    char reason[256] = "";

    *first_rung = settings.branches == SETTINGS_BRANCHES_AUTO ||
                          settings.branches == SETTINGS_BRANCHES_HARDWARE
                      ? 0
                      : 1;
    why[0] = '\0';
    if (source->start(reason, sizeof(reason)))
        return source;
    text_print(why, why_size, "not %s: %s\n", source->name, reason);
    return &branch_source_off;
}

/* Once the rung is known: the CPU's own branches where there are some. */
static const struct branch_source *source_for_rung(const struct branch_source *source)
{
    bool has_branches = threads_sampler()->kind == PGORAW_SAMPLER_HARDWARE_BRANCHES;
    if (has_branches)
        return &branch_source_hardware;
    return source == &branch_source_hardware ? &branch_source_off : source;
}

/*
 * Whether it runs here.  A child by a raw fork or clone has a copy of our state, or shares
 * it: what it does must not end what is its parent's, and it is not followed.
 */
static bool runs_here(void)
{
    return running && system_call(SYS_getpid) == own_process;
}

static struct users users_now(void)
{
    struct users users = {0, 0};
    uid_t effective;
    system_call(SYS_getresuid, &users.real, &effective, &users.saved);
    return users;
}

/* --- threads ------------------------------------------------------------------ */

/* The initial thread's stack, as far as it is known: from its limit up to main's arguments. */
static void main_stack_bounds(const struct core_host *host, uint64_t *low, uint64_t *high)
{
    struct rlimit limit = {0};
    uint64_t size = LARGEST_MAIN_STACK;

    *high = (uint64_t)(uintptr_t)host->arguments;
    if (system_call(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit) == 0 && limit.rlim_cur < size)
        size = limit.rlim_cur;
    *low = *high > size ? *high - size : 0;
}

/* What getdents64(2) fills in. */
struct directory_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* Threads that were there before us. */
static void adopt_threads(pid_t self)
{
    _Alignas(struct directory_entry) char block[2048];
    const char *end;
    long length, tasks = descriptor_move_away(system_call(SYS_openat, AT_FDCWD, "/proc/self/task",
                                                          O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                              NULL);

    if (tasks < 0)
        return;
    while ((length = system_call(SYS_getdents64, tasks, block, sizeof(block))) > 0)
        for (long at = 0; at < length;) {
            const struct directory_entry *entry = (const void *)(block + at);
            pid_t id = (pid_t)text_number(entry->name, &end);
            if (id > 0 && id != self)
                thread_start(id, 0, 0);
            at += entry->length;
        }
    system_call(SYS_close, tasks);
}

/* glibc puts the thread block into the stack, which the application may have put behind a key. */
static void core_thread_start(uint64_t stack_low, uint64_t stack_high)
{
    if (!runs_here())
        return;
    if (handlers_are_kept_from(__builtin_thread_pointer()))
        store_count(store_header(), PGORAW_COUNT_DROP_THREAD, 1);
    else
        thread_start(system_thread_id(), stack_low, stack_high);
}

static void core_thread_stop(void)
{
    if (runs_here())
        thread_stop();
}

/* --- fork --------------------------------------------------------------------- */

static void core_fork_begin(void)
{
    fork_is_ours = runs_here();
    if (!fork_is_ours)
        return;
    threads_fork_begin();
    stacks_fork_begin();
    descriptors_fork_begin();
}

static void core_fork_end_parent(void)
{
    if (!fork_is_ours)
        return;
    descriptors_fork_end_parent();
    stacks_fork_end_parent();
    threads_fork_end_parent();
}

static void core_fork_end_child(void)
{
    if (!fork_is_ours)
        return;
    own_process = (pid_t)system_call(SYS_getpid);
    descriptors_fork_end_child();
    stacks_fork_end_child();
    modules_after_fork();
    thunks_after_fork();
    memory_start();
    governor_after_fork();
    store_process_enter();
    threads_fork_end_child();
}

/* --- the rest of the interface ------------------------------------------------- */

static void core_modules_changed(void)
{
    if (runs_here())
        modules_refresh();
}

/* A look at memory might have to wait for another thread of the application. */
static void core_avoid_memory(void)
{
    if (!runs_here() || store_header()->branch_source == PGORAW_BRANCHES_HARDWARE)
        return;
    handler_use_source(&branch_source_off);
    handler_stop_stacks();
    store_header()->branch_source = PGORAW_BRANCHES_OFF;
    log_line("branches: off, the application uses userfaultfd");
}

static void wind_down(void)
{
    handler_pause(true);
    threads_stop_all();
    store_stop_growing();
    running = false;
}

static void core_wind_down(const char *why)
{
    struct thread *thread;

    if (!runs_here())
        return;
    log_line("sampling ends: %s", why);
    notes_add(NULL, why);
    wind_down();
    thread = thread_current();
    if (thread)
        signal_stack_take_back(thread);
}

static void core_pause(bool paused)
{
    handler_pause(paused);
}

static bool core_owns_signal(int signal)
{
    return signal == SHIM_SIGNAL || (signal == SIGTRAP && stepping_started());
}

static bool core_in_handler(void)
{
    const struct thread *thread = running ? thread_current() : NULL;
    return thread && thread->in_handler;
}

static bool core_owns_signal_stack(const void *stack)
{
    struct thread *thread = running ? thread_current() : NULL;
    return thread && stack == thread->signal_stack;
}

static void core_rights_will_change(void)
{
    if (runs_here())
        store_grow_in_place();
}

/*
 * Who opened an event must be allowed to send signals to the user that the process has become.  The
 * effective user, which servers change to and fro, is not looked at by the kernel.
 */
static void core_rights_changed(void)
{
    struct users now;
    bool was_paused;

    if (!runs_here())
        return;
    now = users_now();
    if (now.real == event_users.real && now.saved == event_users.saved)
        return;
    was_paused = handler_pause(true);
    threads_renew();
    event_users = now;
    handler_pause(was_paused);
}

/* Most numbers are closed while none of ours is open. */
static void core_number_closes(int number)
{
    if (descriptors_in_use() && runs_here())
        closing_of(number);
}

static void core_number_is_taken(int number)
{
    if (!descriptors_are_forbidden() && runs_here())
        closing_of(number);
}

static void core_unknown_numbers_close(void)
{
    if (!descriptors_are_forbidden() && runs_here())
        closing_of_unknown();
}

/* The calling thread's at once, the others' at their next samples. */
static void core_signal_stacks_withdraw(void)
{
    struct thread *thread;

    if (!runs_here())
        return;
    signal_stacks_withdraw();
    thread = thread_current();
    if (thread)
        signal_stack_take_back(thread);
}

static void core_signal_stack_expect(size_t size)
{
    stack_t present = {0};

    if (!runs_here())
        return;
    if (size == 0 && system_call(SYS_sigaltstack, NULL, &present) == 0 &&
        !(present.ss_flags & SS_DISABLE))
        size = present.ss_size;
    if (size)
        thread_hold_back(size < signal_stack_needed());
    else
        thread_hold_back(false);
}

/* The handler of samples; the modules are known.  False: its signal is in use, which was said. */
static bool handler_start(const struct core_host *host, const struct branch_source *source)
{
    struct handler_settings handler = {.source = source,
                                       .stack_interval = settings.stack_interval,
                                       .has_signal = host->has_signal,
                                       .earlier_timer = host->earlier_timer,
                                       .forward_signal = host->forward_signal};

    if (settings.stack_interval && !stacks_start()) {
        log_line("no call stacks: libunwind has no memory");
        settings.stack_interval = handler.stack_interval = 0;
    }
    if (handler_install(&handler))
        return true;
    refuse("the application uses signal 16 (SIGSTKFLT)");
    return false;
}

static void governor_begin(const struct core_host *host, uint64_t period_ns)
{
    struct pgoraw_header *header = store_header();
    uint64_t spent_ns = system_clock(CLOCK_THREAD_CPUTIME_ID) - host->start_cpu_ns;

    header->budget_ppm = (uint32_t)(settings.budget * 10000);
    header->shortest_period_ns = period_ns;
    store_count(header, PGORAW_COUNT_START_NANOSECONDS, spent_ns);
    governor_start(settings.budget, period_ns, settings.window, spent_ns, settings.at_once);
}

/* What was chosen, into the header and the log.  `why`: what the wanted branch source lacks. */
static void choices_note(const struct branch_source *source, const char *why)
{
    struct pgoraw_header *header = store_header();

    header->sampler = threads_sampler()->kind;
    header->branch_source = source->kind;
    header->stack_interval = settings.stack_interval;
    text_print(header->why, sizeof(header->why), "%s%ssampling: %s\nbranches: %s\n",
               threads_sampler_reasons(), why, threads_sampler()->name, source->name);
    log_line("%s: up to %u samples a second; %s", store_path(), settings.rate, header->why);
}

/* This thread first, which finds the rung, then the others.  False: sampling is impossible, said.
 */
static bool threads_begin(const struct core_host *host, pid_t self)
{
    uint64_t stack_low, stack_high;

    main_stack_bounds(host, &stack_low, &stack_high);
    thread_start(self, stack_low, stack_high);
    if (threads_sampler())
        return true;
    refuse(threads_sampler_reasons());
    return false;
}

/* Where the application has forbidden cpuid, it raises SIGSEGV. */
static bool cpu_may_be_asked(void)
{
    return system_call(SYS_arch_prctl, ARCH_GET_CPUID, 0) != 0;
}

static bool core_start(const struct core_host *host)
{
    uint64_t period_ns;
    const struct branch_source *source;
    char why[512];
    size_t first_rung;
    pid_t self = system_thread_id();

    places_use(host->places);
    log_start(host->log_place);
    notes_start(host->notes_place);
    if (!cpu_may_be_asked()) {
        refuse("it forbids cpuid (ARCH_SET_CPUID), which the recorder needs");
        return false;
    }
    cpu_state_start();
    if (host->in_handler)
        cpu_keys_open();   /* what the kernel put onto the stack may be behind one */
    signal_stack_needed(); /* kept: cpuid may be forbidden later */
    settings = *host->settings;
    period_ns = NANOSECONDS / settings.rate;
    if (!memory_start()) {
        refuse("reads of its own memory (process_vm_readv) are refused: a seccomp filter");
        return false;
    }
    source = source_choose(&first_rung, why, sizeof(why));
    if (!store_start(host, period_ns))
        return false;
    modules_start(host->last_object);
    pages_heap_from(host->heap_start);
    store_limit_contexts(settings.stack_interval <= DENSE_STACKS ? DENSE_CONTEXTS
                                                                 : SPARSE_CONTEXTS);
    if (!handler_start(host, source)) {
        store_process_leave();
        return false;
    }
    /* Until the rung is known, so that no sample goes to the wrong branch source. */
    handler_pause(true);
    own_process = (pid_t)system_call(SYS_getpid);
    event_users = users_now();
    running = true;
    governor_begin(host, period_ns);
    threads_configure(&(struct threads_settings){.first_rung = first_rung,
                                                 .stack_interval = settings.stack_interval,
                                                 .signal_stack = host->signal_stack,
                                                 .in_handler = host->in_handler});
    if (!threads_begin(host, self)) {
        wind_down();
        return true; /* the handler stays, and is inert */
    }
    source = source_for_rung(source);
    handler_use_source(source);
    adopt_threads(self);
    choices_note(source, why);
    handler_pause(false);
    return true;
}

/* Tidiness only: the file is complete without it. */
static void core_end(void)
{
    if (runs_here())
        store_process_leave();
}

__attribute__((visibility("default"))) const struct core_interface pgoshim_core = {
    .version = CORE_INTERFACE_VERSION,
    .owns_signal = core_owns_signal,
    .start = core_start,
    .take_sample = handler_take_first,
    .thread_start = core_thread_start,
    .thread_stop = core_thread_stop,
    .fork_begin = core_fork_begin,
    .fork_end_parent = core_fork_end_parent,
    .fork_end_child = core_fork_end_child,
    .end = core_end,
    .modules_changed = core_modules_changed,
    .avoid_memory = core_avoid_memory,
    .forbid_time_stamps = cpu_forbid_time_stamps,
    .wind_down = core_wind_down,
    .pause = core_pause,
    .in_handler = core_in_handler,
    .owns_signal_stack = core_owns_signal_stack,
    .runs_here = runs_here,
    .rights_will_change = core_rights_will_change,
    .rights_changed = core_rights_changed,
    .number_closes = core_number_closes,
    .number_is_taken = core_number_is_taken,
    .unknown_numbers_close = core_unknown_numbers_close,
    .signal_stacks_withdraw = core_signal_stacks_withdraw,
    .signal_stack_expect = core_signal_stack_expect,
};
