/*
 * Holes that the program has made, and counts on: one of each size that a mapping of the shim could
 * fit into.  They are the first that the kernel would take.  Threads that begin and end, and fork,
 * make the shim map memory, all on stacks and in memory that are there before.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

#define PAGE ((size_t)4096)
#define STACK_SIZE ((size_t)256 << 10)
#define MOST_HOLES 16
#define MOST_FILLED 100000

WORK_FUNCTION(holes_hot)

static struct hole {
    uint8_t *at;
    size_t size;
} holes[MOST_HOLES];
static size_t hole_count;
static char stack[STACK_SIZE] __attribute__((aligned(4096)));

static uint8_t *mapped(void *at, size_t size, int flags)
{
    return mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* All holes above become full, and then there are those of ours alone.  False: not possible. */
static bool holes_make(const size_t *sizes, size_t count)
{
    size_t whole = PAGE;
    uint8_t *block;

    for (size_t i = 0; i < count; i++)
        whole += sizes[i] + PAGE;
    block = mapped(NULL, whole, MAP_NORESERVE);
    if (block == MAP_FAILED)
        return false;
    for (int i = 0; i < MOST_FILLED; i++) {
        uint8_t *filled = mapped(NULL, PAGE, 0);
        if (filled < block || filled == MAP_FAILED)
            break;
    }
    block += PAGE;
    for (size_t i = 0; i < count; i++) {
        holes[hole_count++] = (struct hole){block, sizes[i]};
        munmap(block, sizes[i]);
        block += sizes[i] + PAGE;
    }
    return true;
}

/* As mincore says, and MAP_FIXED_NOREPLACE. */
static bool holes_are_there(void)
{
    for (size_t i = 0; i < hole_count; i++) {
        const struct hole *hole = &holes[i];
        unsigned char resident;
        for (size_t at = 0; at < hole->size; at += PAGE)
            if (mincore(hole->at + at, PAGE, &resident) == 0 || errno != ENOMEM)
                return false;
        if (mapped(hole->at, hole->size, MAP_FIXED_NOREPLACE) != hole->at ||
            munmap(hole->at, hole->size) != 0)
            return false;
    }
    return true;
}

/* The next mapping of the kernel's choice would go into one of them. */
static bool hole_is_next(void)
{
    uint8_t *next = mapped(NULL, PAGE, 0);
    bool in_a_hole = false;

    for (size_t i = 0; i < hole_count; i++)
        in_a_hole |= next >= holes[i].at && next < holes[i].at + holes[i].size;
    munmap(next, PAGE);
    return in_a_hole;
}

/* While it is there, so is what the shim has mapped for it. */
static void *thread_work(void *held)
{
    holes_hot(row_milliseconds / 10);
    *(bool *)held = holes_are_there();
    return NULL;
}

/* On a stack that is there before.  False: the holes were not there meanwhile. */
static bool thread_keeps_holes(void)
{
    bool held = false;
    pthread_attr_t attributes;
    pthread_t thread;
    bool done = pthread_attr_init(&attributes) == 0 &&
                pthread_attr_setstack(&attributes, stack, sizeof(stack)) == 0 &&
                pthread_create(&thread, &attributes, thread_work, &held) == 0 &&
                pthread_join(thread, NULL) == 0;
    return done && held;
}

/* Its child ends with 0 where the holes are there too. */
static bool fork_keeps_holes(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        holes_hot(row_milliseconds / 10);
        _exit(holes_are_there() ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int holes_stay(const size_t *sizes, size_t count)
{
    CHECK(holes_make(sizes, count));
    CHECK(hole_is_next());
    CHECK(holes_are_there());
    for (int i = 0; i < 10; i++) {
        CHECK(thread_keeps_holes());
        holes_hot(row_milliseconds / 10);
        CHECK(holes_are_there());
    }
    CHECK(fork_keeps_holes());
    CHECK(holes_are_there());
    CHECK(hole_is_next());
    return 0;
}

static int small_holes(void)
{
    const size_t sizes[] = {PAGE, 2 * PAGE, 3 * PAGE, 5 * PAGE, 9 * PAGE, 17 * PAGE, 33 * PAGE};
    return holes_stay(sizes, sizeof(sizes) / sizeof(sizes[0]));
}

static int large_hole(void)
{
    const size_t size = (size_t)64 << 20;
    return holes_stay(&size, 1);
}

int main(int argc, char **argv)
{
    const struct row rows[] = {
        {"small-holes", small_holes},
        {"large-hole", large_hole},
    };
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
