#include "shim/core/thread/thread_register.h"

#include "shim/core/ground/system_call.h"

#define MOST_THREADS 4096

static struct thread *threads[MOST_THREADS];
static uint32_t slots_used; /* slots that were ever used */
static __thread struct thread *current;

uint32_t thread_register_slots(void)
{
    return __atomic_load_n(&slots_used, __ATOMIC_ACQUIRE);
}

struct thread *thread_register_at(uint32_t slot)
{
    return __atomic_load_n(&threads[slot], __ATOMIC_ACQUIRE);
}

struct thread *thread_current(void)
{
    uint32_t slots;
    pid_t id;

    if (current)
        return current;
    /* A thread that was there before us learns of its record at its first sample. */
    id = system_thread_id();
    slots = thread_register_slots();
    for (uint32_t i = 0; i < slots; i++) {
        struct thread *thread = thread_register_at(i);
        if (thread && thread->id == id)
            return current = thread;
    }
    return NULL;
}

void thread_register_set_current(struct thread *thread)
{
    current = thread;
}

bool thread_register_add(struct thread *thread)
{
    for (uint32_t i = 0; i < MOST_THREADS; i++) {
        struct thread *empty = NULL;
        uint32_t slots;
        if (!__atomic_compare_exchange_n(&threads[i], &empty, thread, false, __ATOMIC_RELEASE,
                                         __ATOMIC_RELAXED))
            continue;
        slots = __atomic_load_n(&slots_used, __ATOMIC_RELAXED);
        while (slots <= i && !__atomic_compare_exchange_n(&slots_used, &slots, i + 1, false,
                                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            ;
        return true;
    }
    return false;
}

void thread_register_remove(const struct thread *thread)
{
    for (uint32_t i = 0; i < slots_used; i++)
        if (threads[i] == thread)
            __atomic_store_n(&threads[i], NULL, __ATOMIC_RELEASE);
}

void thread_register_clear(void)
{
    for (uint32_t i = 0; i < slots_used; i++)
        threads[i] = NULL;
    slots_used = 0;
}
