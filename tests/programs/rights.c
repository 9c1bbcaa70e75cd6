/*
 * rights KIND [ARGUMENT]: changes the process's rights, and must go on being recorded in the file
 * that PGOSHIM_FILE names, which must grow.
 *   stay          nothing is changed
 *   user          another user and group, by libc
 *   call          another user, by syscall()
 *   thread        another user, while another thread works, and only that one is looked at
 *   root DIR      DIR becomes the root directory, and then another user
 *   space         a user namespace and a file system of its own
 *   toggle        the effective user, to and fro
 *   landlock      no file may be opened any more
 *   capset        root without its rights, where others own the directory
 * rights in-namespace PROGRAM ARGUMENTS...: the program as the root of a user namespace whose users
 * are others outside.
 * Exit status 0: the file has grown and gets samples; 3: it found no room; 77: it cannot be done
 * here.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/own_file.h"

#define NOBODY 33
#define LANDLOCK_CREATE 444 /* numbers of calls, where the headers have them */
#define LANDLOCK_RESTRICT 446
#define MOST_SECONDS 60 /* of CPU time */

/* --- code of which a file must grow: every function is entered from one place, and left to it ---
 */

#define ONE(n)                                                                                     \
    __attribute__((noinline)) static unsigned function_##n(unsigned x)                             \
    {                                                                                              \
        return x * (2u * 0x##n + 1) + 0x##n;                                                       \
    }
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7)
#define HUNDRED(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7)
#define THOUSAND(n)                                                                                \
    HUNDRED(n##0)                                                                                  \
    HUNDRED(n##1)                                                                                  \
    HUNDRED(n##2) HUNDRED(n##3) HUNDRED(n##4) HUNDRED(n##5) HUNDRED(n##6) HUNDRED(n##7)
THOUSAND(1)
THOUSAND(2)
THOUSAND(3)
THOUSAND(4)
THOUSAND(5)
THOUSAND(6)
THOUSAND(7)
THOUSAND(8)

#define ONE_NAME(n) function_##n,
#define TEN_NAMES(n)                                                                               \
    ONE_NAME(n##0)                                                                                 \
    ONE_NAME(n##1)                                                                                 \
    ONE_NAME(n##2) ONE_NAME(n##3) ONE_NAME(n##4) ONE_NAME(n##5) ONE_NAME(n##6) ONE_NAME(n##7)
#define HUNDRED_NAMES(n)                                                                           \
    TEN_NAMES(n##0)                                                                                \
    TEN_NAMES(n##1)                                                                                \
    TEN_NAMES(n##2) TEN_NAMES(n##3) TEN_NAMES(n##4) TEN_NAMES(n##5) TEN_NAMES(n##6) TEN_NAMES(n##7)
#define THOUSAND_NAMES(n)                                                                          \
    HUNDRED_NAMES(n##0)                                                                            \
    HUNDRED_NAMES(n##1)                                                                            \
    HUNDRED_NAMES(n##2)                                                                            \
    HUNDRED_NAMES(n##3)                                                                            \
    HUNDRED_NAMES(n##4) HUNDRED_NAMES(n##5) HUNDRED_NAMES(n##6) HUNDRED_NAMES(n##7)

static unsigned (*const functions[])(unsigned) = {
    THOUSAND_NAMES(1) THOUSAND_NAMES(2) THOUSAND_NAMES(3) THOUSAND_NAMES(4) THOUSAND_NAMES(5)
        THOUSAND_NAMES(6) THOUSAND_NAMES(7) THOUSAND_NAMES(8)};
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static volatile unsigned result;

static void work(void)
{
    unsigned x = result;
    for (uint64_t i = 0, at = 1; i < 1000000; i++, at = at * 6364136223846793005u + 1)
        x = functions[(at >> 33) % FUNCTIONS](x);
    result = x;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the file ---------------------------------------------------------------------------- */

static uint64_t samples_of(const struct pgoraw_header *header)
{
    return own_file_counter(header, PGORAW_COUNT_SAMPLES);
}

static uint64_t no_room(const struct pgoraw_header *header)
{
    return own_file_counter(header, PGORAW_COUNT_DROP_CANNOT_GROW);
}

/* --- kinds ----------------------------------------------------------------------------------- */

static volatile bool finished;

static void *work_on(void *unused)
{
    while (!finished)
        work();
    return unused;
}

static int toggle(void)
{
    for (int i = 0; i < 100; i++)
        if (seteuid(NOBODY) != 0 || seteuid(0) != 0)
            return -1;
    return 0;
}

/* Rules that allow nothing of what they govern: to write to files. */
static int landlock(void)
{
    uint64_t governed = 1 << 1;
    long rules = syscall(LANDLOCK_CREATE, &governed, sizeof(governed), 0);

    return rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           syscall(LANDLOCK_RESTRICT, rules, 0);
}

int capset(void *, const void *);

static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    const char *file = getenv("PGOSHIM_FILE");

    return chown(file, NOBODY, NOBODY) || chmod(file, 0600) || capset(&header, none);
}

static int change(const char *kind, const char *argument)
{
    if (strcmp(kind, "user") == 0)
        return setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY);
    if (strcmp(kind, "call") == 0)
        return (int)syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
    if (strcmp(kind, "thread") == 0)
        return setresuid(NOBODY, NOBODY, NOBODY);
    if (strcmp(kind, "root") == 0)
        return !argument || chroot(argument) || chdir("/") || setuid(NOBODY);
    if (strcmp(kind, "space") == 0)
        return unshare(CLONE_NEWUSER | CLONE_NEWNS) || chroot("/proc/self/fdinfo");
    if (strcmp(kind, "toggle") == 0)
        return toggle();
    if (strcmp(kind, "landlock") == 0)
        return landlock();
    if (strcmp(kind, "capset") == 0)
        return drop_capabilities();
    return 0;
}

static int map_write(pid_t child, const char *name)
{
    static const char map[] = "0 100000 1000";
    char path[64];
    int descriptor, result;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)child, name);
    descriptor = open(path, O_WRONLY);
    result = descriptor >= 0 && write(descriptor, map, strlen(map)) == (ssize_t)strlen(map);
    close(descriptor);
    return result;
}

static int in_namespace(char **program)
{
    int up[2], down[2], status;
    char byte = 0;
    pid_t child;

    if (pipe(up) != 0 || pipe(down) != 0)
        return 77;
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWUSER) != 0 || write(up[1], "x", 1) != 1 ||
            read(down[0], &byte, 1) != 1 || setgid(0) != 0 || setuid(0) != 0)
            _exit(77);
        execv(program[0], program);
        _exit(77);
    }
    close(up[1]);
    if (read(up[0], &byte, 1) != 1 || !map_write(child, "gid_map") ||
        !map_write(child, "uid_map") || write(down[1], "x", 1) != 1)
        return 77;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int count, char **arguments)
{
    const char *kind = count > 1 ? arguments[1] : "stay";
    bool by_thread = strcmp(kind, "thread") == 0;
    const struct pgoraw_header *header;
    uint64_t reserved, samples;
    double limit;
    pthread_t thread;

    if (count > 2 && strcmp(kind, "in-namespace") == 0)
        return in_namespace(arguments + 2);
    header = own_file_map();
    if (!header)
        return 2;
    if (by_thread && pthread_create(&thread, NULL, work_on, NULL) != 0)
        return 2;
    if (change(kind, count > 2 ? arguments[2] : NULL) != 0)
        _exit(77);
    reserved = header->reserved_size;
    samples = samples_of(header);
    limit = cpu_seconds() + MOST_SECONDS;
    while (cpu_seconds() < limit && no_room(header) == 0 &&
           (header->reserved_size == reserved || samples_of(header) < samples + 20)) {
        if (by_thread)
            usleep(10000);
        else
            work();
    }
    finished = true;
    printf("%s: from %llu to %llu bytes, %llu samples, %llu times no room\n", kind,
           (unsigned long long)reserved, (unsigned long long)header->reserved_size,
           (unsigned long long)(samples_of(header) - samples), (unsigned long long)no_room(header));
    fflush(stdout);
    if (no_room(header))
        _exit(3);
    _exit(header->reserved_size == reserved || samples_of(header) < samples + 20);
}
