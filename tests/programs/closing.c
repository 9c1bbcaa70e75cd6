/*
 * closing ROW [MILLISECONDS]: one thread closes what it does not know, and has a file of its own;
 * others begin, work and end meanwhile.  Nothing but the one thread may close its file.  And a
 * forked child has nothing more open than its parent.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

WORK_FUNCTION(closing_hot)

#define THREADS 10
#define FORKS 20

static void *works(void *unused)
{
    closing_hot(row_milliseconds / THREADS);
    return unused;
}

static int works_in_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, works, NULL) == 0 && pthread_join(thread, NULL) == 0);
    return 0;
}

/* One thread closes what it does not know; its own file has a number that nobody is given. */
#define OWN_NUMBER 200
static void *closes(void *finished)
{
    char seen[8];

    for (int i = 0; !*(volatile bool *)finished; i++) {
        char text[8] = {0};
        snprintf(text, sizeof(text), "%d", i % 10000);
        if (pwrite(OWN_NUMBER, text, sizeof(text), 0) != sizeof(text))
            return finished;
        syscall(SYS_close_range, 3L, (long)OWN_NUMBER - 1, 0L);
        if (pread(OWN_NUMBER, seen, sizeof(seen), 0) != sizeof(seen) || memcmp(seen, text, 8) != 0)
            return finished;
    }
    return NULL;
}

static int descriptors_closed(void)
{
    bool finished = false;
    pthread_t thread;
    void *broken;
    int file = memfd_create("own", 0);

    CHECK(file >= 0 && dup2(file, OWN_NUMBER) == OWN_NUMBER);
    CHECK(pthread_create(&thread, NULL, closes, &finished) == 0);
    closing_hot(2 * row_milliseconds);
    __atomic_store_n(&finished, true, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, &broken) == 0 && !broken);
    return 0;
}

/* The lowest number, and what it does not know is closed in each way that there is. */
#define UNKNOWN_END 64
static void by_range(void)
{
    close_range(3, ~0u, 0);
}

static void by_call(void)
{
    syscall(SYS_close_range, 3L, ~0L, 0L);
}

static void from_three(void)
{
    closefrom(3);
}

static void one_by_one(void)
{
    for (int i = 3; i < UNKNOWN_END; i++)
        close(i);
}

static void one_by_one_by_call(void)
{
    for (long i = 3; i < UNKNOWN_END; i++)
        syscall(SYS_close, i);
}

/* It puts its own at numbers that it has chosen, and closes those. */
static void by_taking(void)
{
    for (int i = 3; i < 8; i++)
        dup2(2, i);
    for (int i = 3; i < 8; i++)
        close(i);
}

static void (*closes_unknown)(void);
static volatile bool has_closed; /* once: threads that begin then have no clock of perf_event */

static void *keeps_one_file(void *finished)
{
    char seen[8];

    for (int i = 0; !*(volatile bool *)finished; i++) {
        char text[8] = {0};
        int file;
        snprintf(text, sizeof(text), "%d", i % 10000);
        closes_unknown();
        has_closed = true;
        file = memfd_create("own", 0);
        if (file < 0 || pwrite(file, text, sizeof(text), 0) != sizeof(text))
            return finished;
        sched_yield();
        if (pread(file, seen, sizeof(seen), 0) != sizeof(seen) || memcmp(seen, text, 8) != 0)
            return finished;
    }
    return NULL;
}

static int lowest_number_kept(void (*closing)(void))
{
    bool finished = false;
    pthread_t thread;
    void *broken;

    closes_unknown = closing;
    CHECK(pthread_create(&thread, NULL, keeps_one_file, &finished) == 0);
    while (!has_closed)
        sched_yield();
    for (int i = 0; i < THREADS; i++)
        CHECK(works_in_thread() == 0);
    closing_hot(row_milliseconds);
    __atomic_store_n(&finished, true, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, &broken) == 0 && !broken);
    return 0;
}

static int closed_by_range(void)
{
    return lowest_number_kept(by_range);
}

static int closed_by_call(void)
{
    return lowest_number_kept(by_call);
}

static int closed_from(void)
{
    return lowest_number_kept(from_three);
}

static int closed_one_by_one(void)
{
    return lowest_number_kept(one_by_one);
}

static int closed_one_by_one_by_call(void)
{
    return lowest_number_kept(one_by_one_by_call);
}

static int taken(void)
{
    return lowest_number_kept(by_taking);
}

/* --- a forked child has copies of the program's descriptors, and of no others ----------------- */

static int open_count(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static void *begins_threads(void *finished)
{
    while (!*(volatile bool *)finished)
        if (works_in_thread() != 0)
            return finished;
    return NULL;
}

static int forked(void)
{
    bool finished = false;
    pthread_t thread;
    void *broken;
    int before = open_count(), status, more = 0;

    CHECK(pthread_create(&thread, NULL, begins_threads, &finished) == 0);
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(open_count() != before);
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        more += status != 0;
    }
    __atomic_store_n(&finished, true, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, &broken) == 0 && !broken && more == 0);
    return 0;
}

static const struct row rows[] = {
    {"file-at-a-number-of-its-own", descriptors_closed},
    {"closed-by-close_range", closed_by_range},
    {"closed-by-syscall", closed_by_call},
    {"closed-by-closefrom", closed_from},
    {"closed-one-by-one", closed_one_by_one},
    {"closed-one-by-one-by-syscall", closed_one_by_one_by_call},
    {"taken-by-dup2", taken},
    {"forked", forked},
};

int main(int argc, char **argv)
{
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
