/*
 * Memory that is locked within a limit (RLIMIT_MEMLOCK), by a program without the right to ignore
 * it: as much as without the shim.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/programs/rows.h"
#include "tests/programs/work.h"

#define LIMIT ((size_t)8 << 20) /* a program like this has less than 3 MiB */
#define MORE ((size_t)4 << 20)
#define NOBODY 65534

WORK_FUNCTION(locks_hot)

/* Works, so that it is recorded, and has the limit then. */
static bool limited(size_t size)
{
    struct rlimit limit = {size, size};

    locks_hot(row_milliseconds);
    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && (getuid() != 0 || setuid(NOBODY) == 0);
}

static void *mapped(void)
{
    return mmap(NULL, MORE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static bool is_locked(void *memory)
{
    /* The kernel gives no page of it away. */
    return madvise(memory, MORE, MADV_DONTNEED) != 0 && errno == EINVAL;
}

static int all_that_is_there(void)
{
    void *memory = mapped(), *later;

    CHECK(limited(LIMIT));
    CHECK(mlockall(MCL_CURRENT) == 0);
    CHECK(is_locked(memory));
    CHECK(munlock(memory, MORE) == 0);
    later = mapped();
    CHECK(!is_locked(later));
    CHECK(mlock(later, MORE) == 0);
    locks_hot(row_milliseconds);
    return 0;
}

static int all_that_comes(void)
{
    void *memory;

    CHECK(limited(LIMIT));
    CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    memory = mapped();
    CHECK(memory != MAP_FAILED && is_locked(memory));
    CHECK(mapped() == MAP_FAILED && errno == EAGAIN);
    locks_hot(row_milliseconds);
    return 0;
}

static int by_syscall(void)
{
    void *memory = mapped();

    CHECK(limited(LIMIT));
    CHECK(syscall(SYS_mlockall, MCL_CURRENT) == 0);
    CHECK(is_locked(memory));
    return 0;
}

static int more_than_the_limit(void)
{
    void *memory = mapped();

    CHECK(limited(MORE / 2));
    CHECK(mlockall(MCL_CURRENT) == -1 && errno == ENOMEM);
    CHECK(!is_locked(memory));
    CHECK(mlockall(0) == -1 && errno == EINVAL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct row rows[] = {
        {"all-that-is-there", all_that_is_there},
        {"all-that-comes", all_that_comes},
        {"by-syscall", by_syscall},
        {"more-than-the-limit", more_than_the_limit},
    };
    return rows_run(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
