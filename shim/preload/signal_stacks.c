#include "shim/preload/signal_stacks.h"

#include <link.h>
#include <stdint.h>
#include <string.h>

#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"

#define OUR_SIGNAL SIGSTKFLT
#define MOST_SIGNALS 64

/* A bit a signal. */
static uint64_t on_stack;    /* set with SA_ONSTACK before the core was there */
static uint64_t flag_kept;   /* SA_ONSTACK was kept from the kernel */
static uint64_t mask_filled; /* our signal was put into the mask */

static bool has_stacks; /* the application has registered a signal stack, in some thread */
static bool knows_ours; /* Go has found our signal stacks by its own system calls, and uses them */
static bool masks_themselves; /* some handler blocks our signal by itself */

static __thread uintptr_t stack_low,
    stack_high; /* the thread's, as the application registered it */

static uint64_t bit_of(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

static void bit_write(uint64_t *bits, int signal, bool value)
{
    if (value)
        __atomic_fetch_or(bits, bit_of(signal), __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(bits, ~bit_of(signal), __ATOMIC_RELAXED);
}

static bool bit_read(const uint64_t *bits, int signal)
{
    return __atomic_load_n(bits, __ATOMIC_RELAXED) & bit_of(signal);
}

static bool flag_read(const bool *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

/* Whether a handler may come and ask for a signal stack. */
static bool wants_stack(const struct sigaction *action)
{
    return (action->sa_flags & SA_ONSTACK) && action->sa_handler != SIG_DFL &&
           action->sa_handler != SIG_IGN;
}

/* --- Go ------------------------------------------------------------------------------ */

struct place {
    uintptr_t address;
    bool is_go;
};

/* Whether one of the notes is Go's build-id. */
static bool notes_are_go(const uint8_t *at, size_t size)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)at;
        size_t name = (note->n_namesz + 3ul) / 4 * 4, text = (note->n_descsz + 3ul) / 4 * 4;
        size_t whole = sizeof(*note) + name + text;
        if (whole > size)
            return false;
        if (note->n_type == 4 && note->n_namesz >= 3 && memcmp(note + 1, "Go", 3) == 0)
            return true;
        at += whole;
        size -= whole;
    }
    return false;
}

static int object_look(struct dl_phdr_info *object, size_t size, void *wanted)
{
    struct place *place = wanted;
    bool holds = false, is_go = false;

    (void)size;
    for (unsigned i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD)
            holds = holds || place->address - start < segment->p_memsz;
        else if (segment->p_type == PT_NOTE)
            is_go = is_go || notes_are_go((const uint8_t *)start, segment->p_memsz);
    }
    place->is_go = holds && is_go;
    return holds;
}

/*
 * A signal stack that Go's runtime finds in a thread, by a system call of its own, it takes for one
 * that C has made, and uses it (runtime.minitSignalStack).
 */
static bool is_go(const struct sigaction *action)
{
    struct place place = {(uintptr_t)action->sa_handler, false};
    dl_iterate_phdr(object_look, &place);
    return place.is_go;
}

/* --- whose the signal stacks are ------------------------------------------------------ */

/* Whether the calling thread has a signal stack that is not ours, whoever has registered it. */
static bool thread_has_stack(const struct core_interface *core)
{
    stack_t present = {0};
    return system_call(SYS_sigaltstack, NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE) &&
           !core->owns_signal_stack(present.ss_sp);
}

static void action_complete(const struct core_interface *core, struct sigaction *action, int signal)
{
    action->sa_flags |= SA_ONSTACK;
    if (core && !sigismember(&action->sa_mask, OUR_SIGNAL)) {
        sigaddset(&action->sa_mask, OUR_SIGNAL);
        bit_write(&mask_filled, signal, true);
    }
}

/* Gives the kernel the flags that were kept from it.  `core` NULL: and no mask of ours. */
static void flags_give(sigaction_function *next, const struct core_interface *core)
{
    uint64_t kept = __atomic_exchange_n(&flag_kept, 0, __ATOMIC_SEQ_CST);
    struct sigaction action;

    for (int signal = 1; kept && signal <= MOST_SIGNALS; signal++) {
        if (!(kept & bit_of(signal)) || next(signal, NULL, &action) != 0)
            continue;
        action_complete(core, &action, signal);
        next(signal, &action, NULL);
    }
}

static sigaction_function *sigaction_next(void)
{
    static void *slot;
    sigaction_function *next;
    *(void **)&next = preload_next(&slot, "sigaction");
    return next;
}

/* The application has signal stacks from here on, and keeps them. */
static void stacks_leave(const struct core_interface *core)
{
    if (__atomic_exchange_n(&has_stacks, true, __ATOMIC_SEQ_CST) || !core)
        return;
    if (!flag_read(&knows_ours))
        core->signal_stacks_withdraw();
    flags_give(sigaction_next(), core);
}

bool signal_stack_holds(uintptr_t address)
{
    return address >= stack_low && address < stack_high;
}

bool signal_stack_in_use(void)
{
    return signal_stack_holds((uintptr_t)__builtin_frame_address(0));
}

/* The core, where it may still make system calls. */
static const struct core_interface *core_here(void)
{
    return preload_stands_aside() ? NULL : preload_core();
}

bool signals_of_copy(void)
{
    const struct core_interface *core = core_here();
    return core && !core->runs_here();
}

/* --- handlers -------------------------------------------------------------------------- */

/* What the kernel gets for what the application wants.  True: SA_ONSTACK is kept from it. */
static bool action_adapt(const struct core_interface *core, struct sigaction *action, int signal)
{
    bit_write(&mask_filled, signal, false);
    if (sigismember(&action->sa_mask, OUR_SIGNAL))
        __atomic_store_n(&masks_themselves, true, __ATOMIC_RELAXED);
    if (!wants_stack(action))
        return false;
    if (!flag_read(&knows_ours) && is_go(action))
        __atomic_store_n(&knows_ours, true, __ATOMIC_SEQ_CST);
    if (!flag_read(&has_stacks) && thread_has_stack(core))
        stacks_leave(core);
    if (!flag_read(&has_stacks) && !flag_read(&knows_ours)) {
        action->sa_flags &= ~SA_ONSTACK;
        return true;
    }
    action_complete(core, action, signal);
    return false;
}

int handlers_change(sigaction_function *next, int signal, const struct sigaction *wanted,
                    struct sigaction *old)
{
    const struct core_interface *core = core_here();
    bool had_flag, had_mask, keep = false;
    struct sigaction action;
    int result;

    if (signal < 1 || signal > MOST_SIGNALS || signals_of_copy())
        return next(signal, wanted, old);
    had_flag = bit_read(&flag_kept, signal);
    had_mask = bit_read(&mask_filled, signal);
    if (wanted) {
        action = *wanted;
        bit_write(&on_stack, signal, !core && wants_stack(&action));
        if (core)
            keep = action_adapt(core, &action, signal);
    }
    result = next(signal, wanted ? &action : NULL, old);
    if (wanted && result == 0)
        bit_write(&flag_kept, signal, keep);
    else if (wanted)
        bit_write(&mask_filled, signal, had_mask);
    if (result == 0 && old) {
        if (had_flag)
            old->sa_flags |= SA_ONSTACK;
        if (had_mask)
            sigdelset(&old->sa_mask, OUR_SIGNAL);
    }
    /* Another thread may have registered the first signal stack meanwhile. */
    if (keep && result == 0 && flag_read(&has_stacks))
        flags_give(next, core);
    return result;
}

void handler_forget(int signal)
{
    if (signal < 1 || signal > MOST_SIGNALS || signals_of_copy())
        return;
    bit_write(&on_stack, signal, false);
    bit_write(&flag_kept, signal, false);
    bit_write(&mask_filled, signal, false);
}

void handlers_adopt(void)
{
    const struct core_interface *core = preload_core();
    uint64_t early = __atomic_exchange_n(&on_stack, 0, __ATOMIC_RELAXED);
    struct sigaction action;

    if (flag_read(&has_stacks))
        core->signal_stacks_withdraw();
    for (int signal = 1; early && signal <= MOST_SIGNALS; signal++)
        if (early & bit_of(signal) && sigaction_next()(signal, NULL, &action) == 0)
            handlers_change(sigaction_next(), signal, &action, NULL);
}

void handlers_release(void)
{
    flags_give(sigaction_next(), NULL);
}

bool handlers_block_for_us(void)
{
    return __atomic_load_n(&mask_filled, __ATOMIC_RELAXED) != 0;
}

bool handlers_block_themselves(void)
{
    return __atomic_load_n(&masks_themselves, __ATOMIC_RELAXED);
}

/* --- sigaltstack ------------------------------------------------------------------------ */

static void range_note(const stack_t *wanted)
{
    bool registers = !(wanted->ss_flags & SS_DISABLE);
    stack_low = registers ? (uintptr_t)wanted->ss_sp : 0;
    stack_high = registers ? stack_low + wanted->ss_size : 0;
}

/* Ours counts as none, and stays where the application wants none. */
static int exchange_unseen(int (*next)(const stack_t *, stack_t *), const stack_t *wanted,
                           stack_t *old)
{
    const struct core_interface *core = preload_core();
    stack_t present;
    int result;

    if (!core || next(NULL, &present) != 0 || !core->owns_signal_stack(present.ss_sp))
        return next(wanted, old);
    result = wanted && !(wanted->ss_flags & SS_DISABLE) ? next(wanted, NULL) : 0;
    if (result == 0 && old)
        *old = (stack_t){.ss_flags = SS_DISABLE};
    return result;
}

PRELOAD_EXPORT int sigaltstack(const stack_t *wanted, stack_t *old)
{
    static void *slot;
    const struct core_interface *core = core_here();
    int (*next)(const stack_t *, stack_t *);
    stack_t asked = wanted ? *wanted : (stack_t){.ss_flags = SS_DISABLE};
    bool registers = !(asked.ss_flags & SS_DISABLE);
    int result;

    *(void **)&next = preload_next(&slot, "sigaltstack");
    if (signals_of_copy())
        return exchange_unseen(next, wanted, old);
    if (registers)
        stacks_leave(core);
    if (core && registers)
        core->signal_stack_expect(asked.ss_size);
    result = exchange_unseen(next, wanted, old);
    if (wanted && result == 0)
        range_note(&asked);
    if (core && wanted)
        core->signal_stack_expect(0);
    return result;
}
