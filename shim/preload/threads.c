/*
 * pthread_create: a new thread is sampled from its first instruction on.  Its
 * end is seen by a key's destructor, which runs however the thread ends.
 */
#include <pthread.h>
#include <stdlib.h>

#include "shim/preload/preload.h"
#include "shim/preload/signals.h"

struct beginning {
    void *(*routine)(void *);
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

static void *thread_begin(void *argument)
{
    struct beginning beginning = *(struct beginning *)argument;
    const struct core_interface *core = preload_core();
    uint64_t low, high;

    free(argument);
    signals_inherit_blocked(beginning.signals_blocked);
    /* Without the key nobody would see the thread's end: its memory would stay. */
    if (core && has_end_key && pthread_setspecific(end_key, &end_key) == 0) {
        stack_bounds(&low, &high);
        core->thread_start(low, high);
    }
    return beginning.routine(beginning.argument);
}

PRELOAD_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                  void *(*routine)(void *), void *argument)
{
    static void *slot;
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct beginning *beginning;
    int result;

    *(void **)&next = preload_next(&slot, "pthread_create");
    pthread_once(&end_once, end_key_make);
    beginning = malloc(sizeof(*beginning));
    if (!beginning)
        return next(thread, attributes, routine, argument);
    beginning->routine = routine;
    beginning->argument = argument;
    beginning->signals_blocked = signals_blocked();
    result = next(thread, attributes, thread_begin, beginning);
    if (result != 0)
        free(beginning);
    return result;
}
