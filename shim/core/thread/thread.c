#include "shim/core/thread/thread.h"

#include <sys/mman.h>

#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"

#define GUARD_SIZE 4096u
#define RECORD_SIZE ((sizeof(struct thread) + GUARD_SIZE - 1) / GUARD_SIZE * GUARD_SIZE)
#define WHOLE_SIZE (RECORD_SIZE + GUARD_SIZE + THREAD_SIGNAL_STACK_SIZE)

struct thread *thread_make(void)
{
    uint8_t *memory = places_map_memory(WHOLE_SIZE);
    struct thread *thread = (struct thread *)memory;

    if (!memory)
        return NULL;
    if (system_call(SYS_mprotect, memory + RECORD_SIZE, GUARD_SIZE, PROT_NONE) != 0) {
        system_unmap(memory, WHOLE_SIZE);
        return NULL;
    }
    thread->signal_stack = memory + RECORD_SIZE + GUARD_SIZE;
    return thread;
}

void thread_free(struct thread *thread)
{
    system_unmap(thread, WHOLE_SIZE);
}
