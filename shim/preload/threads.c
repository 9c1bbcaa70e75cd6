/*
 * pthread_create and thrd_create: a new thread is sampled from its first instruction on.  Its
 * end is seen by a key's destructor, which runs however the thread ends.
 */
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>

#include "shim/preload/preload.h"
#include "shim/preload/signals.h"
#include "shim/preload/waiting.h"

struct beginning {
    union {
        void *(*posix)(void *);
        thrd_start_t c11;
    } routine;
    void *argument;
    unsigned signals_blocked; /* in the creating thread's view */
};

static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static int has_end_key;

static void thread_ended(void *unused)
{
    const struct core_interface *core = preload_core();
    (void)unused;
    if (core)
        core->thread_stop();
}

static void end_key_make(void)
{
    has_end_key = pthread_key_create(&end_key, thread_ended) == 0;
}

/* The bounds of the calling thread's stack; 0, 0 where they are not known. */
static void stack_bounds(uint64_t *low, uint64_t *high)
{
    pthread_attr_t attributes;
    void *address;
    size_t size;

    *low = *high = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &address, &size) == 0) {
        *low = (uint64_t)(uintptr_t)address;
        *high = *low + size;
    }
    pthread_attr_destroy(&attributes);
}

/* What every new thread begins with; `memory` is the struct beginning that was made for it. */
static struct beginning thread_enter(void *memory)
{
    struct beginning beginning = *(struct beginning *)memory;
    const struct core_interface *core = preload_stands_aside() ? NULL : preload_core();
    uint64_t low, high;

    free(memory);
    signals_inherit_blocked(beginning.signals_blocked);
    /* Without the key nobody would see the thread's end: its memory would stay. */
    if (core && has_end_key && pthread_setspecific(end_key, &end_key) == 0) {
        stack_bounds(&low, &high);
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

/* NULL: no memory. */
static struct beginning *beginning_make(void *argument)
{
    struct beginning *beginning = malloc(sizeof(*beginning));

    waiting_end();
    pthread_once(&end_once, end_key_make);
    if (beginning)
        *beginning = (struct beginning){.argument = argument, .signals_blocked = signals_blocked()};
    return beginning;
}

PRELOAD_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                  void *(*routine)(void *), void *argument)
{
    static void *slot;
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct beginning *beginning = beginning_make(argument);
    int result;

    *(void **)&next = preload_next(&slot, "pthread_create");
    if (!beginning)
        return next(thread, attributes, routine, argument);
    beginning->routine.posix = routine;
    result = next(thread, attributes, thread_begin, beginning);
    if (result != 0)
        free(beginning);
    return result;
}

/* glibc makes these threads past its own pthread_create. */
PRELOAD_EXPORT int thrd_create(thrd_t *thread, thrd_start_t routine, void *argument)
{
    static void *slot;
    int (*next)(thrd_t *, thrd_start_t, void *);
    struct beginning *beginning = beginning_make(argument);
    int result;

    *(void **)&next = preload_next(&slot, "thrd_create");
    if (!beginning)
        return next(thread, routine, argument);
    beginning->routine.c11 = routine;
    result = next(thread, c11_thread_begin, beginning);
    if (result != thrd_success)
        free(beginning);
    return result;
}
