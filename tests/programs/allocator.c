/*
 * An application's own memory, which threads may ask for only once their routine has begun: as it
 * is with ThreadSanitizer, whose malloc needs what its routine makes first.
 */
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <threads.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(allocator_hot)

/* --- memory: never given back, of which each block knows its size ----------------------------- */

#define ALIGNMENT ((size_t)16)

static _Thread_local int begun;
static pid_t first_thread;
static uint8_t memory[1 << 24] __attribute__((aligned(16)));
static size_t used;

/* Whoever comes too early ends the program, in whatever thread. */
static void ask(void)
{
    static const char words[] = "memory was asked for before the thread's routine began\n";
    if (!begun && first_thread && gettid() != first_thread) {
        if (write(2, words, sizeof(words) - 1) > 0)
            _exit(3);
        _exit(4);
    }
}

static void *take(size_t alignment, size_t size)
{
    size_t whole = (size + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t room = alignment > ALIGNMENT ? alignment : 0;
    size_t at = __atomic_fetch_add(&used, whole + room, __ATOMIC_RELAXED);
    uintptr_t block = (uintptr_t)memory + at + ALIGNMENT;

    ask();
    if (at + whole + room > sizeof(memory))
        return NULL;
    if (room)
        block = (block + room - 1) / room * room;
    memcpy((void *)(block - sizeof(size)), &size, sizeof(size));
    return (void *)block;
}

void *malloc(size_t size)
{
    return take(ALIGNMENT, size);
}

void *calloc(size_t count, size_t size)
{
    return take(ALIGNMENT, count * size); /* it was never used before */
}

void *memalign(size_t alignment, size_t size)
{
    return take(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return take(alignment, size);
}

void free(void *block)
{
    if (block)
        ask();
}

void *realloc(void *block, size_t size)
{
    void *larger = take(ALIGNMENT, size);
    size_t had = 0;

    if (block && larger) {
        memcpy(&had, (char *)block - sizeof(had), sizeof(had));
        memcpy(larger, block, had < size ? had : size);
    }
    return larger;
}

/* --- rows --------------------------------------------------------------------------------------
 */

#define THREADS 100 /* more than the shim keeps memory for */

static void *begin(void *argument)
{
    begun = 1;
    allocator_hot(row_milliseconds / 20);
    return argument;
}

static int begin_c11(void *argument)
{
    begin(argument);
    return 7;
}

static int posix_threads(void)
{
    static pthread_t threads[THREADS];
    static char arguments[THREADS];
    void *result;

    first_thread = gettid();
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, begin, &arguments[i]) == 0);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], &result) == 0 && result == &arguments[i]);
    return 0;
}

static int c11_threads(void)
{
    thrd_t thread;
    int result = 0;

    first_thread = gettid();
    for (int i = 0; i < 10; i++)
        CHECK(thrd_create(&thread, begin_c11, NULL) == thrd_success &&
              thrd_join(thread, &result) == thrd_success && result == 7);
    return 0;
}

static const struct row rows[] = {
    {"interposed-libc", posix_threads},
    {"interposed-libc-c11", c11_threads},
};

int main(int argc, char **argv)
{
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
