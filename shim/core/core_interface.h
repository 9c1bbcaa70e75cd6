/*
 * The core of the shim: all that samples, behind one table of functions.  It
 * is an object of its own, loaded RTLD_LOCAL by the preloaded one, so that none
 * of the libraries it needs is ever seen by the application's symbols.
 *
 * The preloaded object (shim/preload) is the only caller.
 */
#ifndef SHIM_CORE_CORE_INTERFACE_H
#define SHIM_CORE_CORE_INTERFACE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#define CORE_SIGNAL_STACK_SIZE (64u << 10)
#define CORE_INTERFACE_VERSION 8

struct settings;

/* What the core asks of the preloaded object. */
struct core_host {
    const char *command_line; /* as the process was started with */
    uint64_t start_cpu_ns;    /* CPU time of this thread when our constructor began */
    char **arguments; /* where main() gets them: the highest of the initial stack that we know */
    const struct settings *settings; /* what the environment asked for at the start */
    const char *log_place;           /* as log_start takes it */
    const char *notes_place;         /* as notes_start takes it */
    uint64_t last_object; /* the dynamic linker's entry of the last object at the process's start */
    uint64_t heap_start;  /* the end of the heap (brk) then */
    uint64_t places;      /* where the core's mappings go (ground/places.h) */
    /* The calling thread's signal stack of CORE_SIGNAL_STACK_SIZE bytes, registered and with a
     * guard page beneath; NULL: it has none of ours. */
    uint8_t *signal_stack;
    bool has_signal;           /* SIGSTKFLT has a handler of ours, */
    const void *earlier_timer; /* and timers with this mark may have sent it still */
    bool in_handler;           /* start is called in it, with all signals blocked */
    /*
     * A signal of ours that the core did not send: does what the application
     * wants with it.  False: it wants the default.
     */
    bool (*forward_signal)(int signal, siginfo_t *information, void *context);
};

struct core_interface {
    uint32_t version;
    /* Whether the core handles `signal`: that of the samples, and SIGTRAP where it single-steps. */
    bool (*owns_signal)(int signal);

    /* Once; signal-safe.  False: nothing was changed, the program runs unprofiled. */
    bool (*start)(const struct core_host *host);
    /* A sample where the handler that has called start was entered, on host->signal_stack. */
    void (*take_sample)(ucontext_t *context);
    /* In a new thread, before its own code; the bounds of its stack, or 0, 0. */
    void (*thread_start)(uint64_t stack_low, uint64_t stack_high);
    /* In a thread that ends. */
    void (*thread_stop)(void);
    /* Around fork, in the thread that forks. */
    void (*fork_begin)(void);
    void (*fork_end_parent)(void);
    void (*fork_end_child)(void);
    /* At exit: tidiness only, the file is complete without it. */
    void (*end)(void);
    /* After dlclose. */
    void (*modules_changed)(void);
    /* From here on, memory is not to be looked at: part of it is served by the application itself
     * (userfaultfd), which a look would make wait. */
    void (*avoid_memory)(void);
    /* The application forbids rdtsc (PR_SET_TSC): clocks are read by system calls from here on. */
    void (*forbid_time_stamps)(void);
    /* Before a system call filter is put in place, or where sampling is to end for good: from here
     * on, no system call of ours. */
    void (*wind_down)(const char *why);
    /* Samples are dropped while paused. */
    void (*pause)(bool paused);
    /* Whether the calling thread is in the sample handler: its signal mask is ours, then. */
    bool (*in_handler)(void);
    /* Whether `stack` is the signal stack that the core gave to the calling thread. */
    bool (*owns_signal_stack)(const void *stack);
    /* Whether this is the process that is recorded: not a copy of it that no fork handler has seen,
     * which may share its memory (vfork). */
    bool (*runs_here)(void);
    /* Before the process changes its user, its groups or its root, and after it. */
    void (*rights_will_change)(void);
    void (*rights_changed)(void);
    /*
     * Before the application closes a number, puts a descriptor of its own at a number, or closes
     * what it does not know: it must find nothing of ours there.  Signal-safe.
     */
    void (*number_closes)(int number);
    void (*number_is_taken)(int number);
    void (*unknown_numbers_close)(void);
    /* The application has signal stacks of its own: ours are taken back from all threads. */
    void (*signal_stacks_withdraw)(void);
    /*
     * Before the application registers a signal stack of `size` bytes for the calling thread, and
     * (0) after it has changed anything: a thread whose stack is too small is not sampled.
     */
    void (*signal_stack_expect)(size_t size);
};

/* The core's only exported symbol. */
extern const struct core_interface pgoshim_core;

#endif
