/*
 * pthread_create and thrd_create: a new thread is sampled from its first instruction on.  Its
 * end is seen by a key's destructor, which runs however the thread ends.
 *
 * Before the application's routine has begun, nothing here allocates or frees, nor calls what does
 * (pthread_getattr_np): the application's malloc may need what its own thread routine makes first,
 * as ThreadSanitizer's does.
 */
#include <pthread.h>
#include <stddef.h>
#include <threads.h>

#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/preload/preload.h"
#include "shim/preload/signals.h"
#include "shim/preload/waiting.h"

#define PAGE ((uintptr_t)4096)
#define KEPT 64 /* threads that begin at the same time without a mapping each */

struct beginning {
    union {
        void *(*posix)(void *);
        thrd_start_t c11;
    } routine;
    void *argument;
    size_t stack_size;        /* with its guard pages; 0: not known */
    size_t guard_size;        /* at its low end */
    unsigned signals_blocked; /* in the creating thread's view */
    bool is_taken;
};

static struct beginning kept[KEPT];
static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static bool has_end_key;

static void thread_ended(void *unused)
{
    const struct core_interface *core = preload_core();
    (void)unused;
    if (core)
        core->thread_stop();
}

/*
 * With the first thread that the application makes: libc keeps the values of a process's first keys
 * (32) in the thread itself, and allocates for later ones.
 */
static void end_key_make(void)
{
    has_end_key = pthread_key_create(&end_key, thread_ended) == 0;
}

/* --- what a new thread is given ------------------------------------------------------------ */

/* NULL: there is no memory. */
static struct beginning *beginning_take(void)
{
    for (size_t i = 0; i < KEPT; i++)
        if (!__atomic_test_and_set(&kept[i].is_taken, __ATOMIC_ACQUIRE))
            return &kept[i];
    if (preload_stands_aside())
        return NULL;
    return places_map_memory(PAGE);
}

static void beginning_give_back(struct beginning *beginning)
{
    if (beginning >= kept && beginning < kept + KEPT)
        __atomic_clear(&beginning->is_taken, __ATOMIC_RELEASE);
    else
        system_unmap(beginning, PAGE);
}

/* The size of a stack that is made by these attributes; NULL: by the default ones. */
static void stack_sizes(const pthread_attr_t *attributes, struct beginning *beginning)
{
    pthread_attr_t standard;

    beginning->stack_size = beginning->guard_size = 0;
    if (!attributes && pthread_attr_init(&standard) != 0)
        return;
    if (pthread_attr_getstacksize(attributes ? attributes : &standard, &beginning->stack_size) !=
            0 ||
        pthread_attr_getguardsize(attributes ? attributes : &standard, &beginning->guard_size) != 0)
        beginning->stack_size = 0;
    if (!attributes)
        pthread_attr_destroy(&standard);
}

/*
 * The bounds of the calling thread's stack; 0, 0 where they are not known.  glibc puts the thread's
 * block and variables into the stack's last pages.  What is doubtful at the low end is left out.
 */
static void stack_bounds(const struct beginning *beginning, uint64_t *low, uint64_t *high)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), block = (uintptr_t)pthread_self();
    uintptr_t left_out = beginning->guard_size + 2 * PAGE;

    *low = *high = 0;
    if (beginning->stack_size <= left_out || block <= here ||
        block - here >= beginning->stack_size - left_out)
        return;
    *high = block / PAGE * PAGE + PAGE;
    *low = *high - (beginning->stack_size - left_out);
}

/* --- the beginning ------------------------------------------------------------------------- */

/* What every new thread begins with; `given` was made for it. */
static struct beginning thread_enter(struct beginning *given)
{
    struct beginning beginning = *given;
    const struct core_interface *core = preload_stands_aside() ? NULL : preload_core();
    uint64_t low, high;

    beginning_give_back(given);
    signals_inherit_blocked(beginning.signals_blocked);
    /* Without the key nobody would see the thread's end: its memory would stay. */
    if (core && has_end_key && pthread_setspecific(end_key, &end_key) == 0) {
        stack_bounds(&beginning, &low, &high);
        core->thread_start(low, high);
    }
    return beginning;
}

static void *thread_begin(void *memory)
{
    struct beginning beginning = thread_enter(memory);
    return beginning.routine.posix(beginning.argument);
}

static int c11_thread_begin(void *memory)
{
    struct beginning beginning = thread_enter(memory);
    return beginning.routine.c11(beginning.argument);
}

/* NULL: the thread begins without us. */
static struct beginning *beginning_make(const pthread_attr_t *attributes, void *argument)
{
    struct beginning *beginning;

    waiting_end();
    beginning = preload_core() ? beginning_take() : NULL;
    if (!beginning)
        return NULL;
    pthread_once(&end_once, end_key_make);
    beginning->argument = argument;
    beginning->signals_blocked = signals_blocked();
    stack_sizes(attributes, beginning);
    return beginning;
}

PRELOAD_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                  void *(*routine)(void *), void *argument)
{
    static void *slot;
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct beginning *beginning = beginning_make(attributes, argument);
    int result;

    *(void **)&next = preload_next(&slot, "pthread_create");
    if (!beginning)
        return next(thread, attributes, routine, argument);
    beginning->routine.posix = routine;
    result = next(thread, attributes, thread_begin, beginning);
    if (result != 0)
        beginning_give_back(beginning);
    return result;
}

/* glibc makes these threads past its own pthread_create. */
PRELOAD_EXPORT int thrd_create(thrd_t *thread, thrd_start_t routine, void *argument)
{
    static void *slot;
    int (*next)(thrd_t *, thrd_start_t, void *);
    struct beginning *beginning = beginning_make(NULL, argument);
    int result;

    *(void **)&next = preload_next(&slot, "thrd_create");
    if (!beginning)
        return next(thread, routine, argument);
    beginning->routine.c11 = routine;
    result = next(thread, c11_thread_begin, beginning);
    if (result != thrd_success)
        beginning_give_back(beginning);
    return result;
}
