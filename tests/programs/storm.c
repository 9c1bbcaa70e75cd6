/*
 * storm SECONDS DIRECTORY [SHARE]: 64 threads for that long, of eight kinds: work; plug-ins of
 * DIRECTORY loaded and unloaded; forks; exec by posix_spawn and vfork; short threads; mappings; own
 * signal stacks with handlers that are left by a jump; descriptors that are closed in bulk.  Each
 * checks what came of it, and rests after it, so that SHARE percent (50) of one CPU are used in the
 * long run. Prints a line "SECONDS RESIDENT-KIB MAPPINGS DESCRIPTORS THREADS ROUNDS" sixty times,
 * then "done".
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/work.h"

#define THREADS 64
#define LINES 60
#define SIGNAL_STACK 16384

WORK_FUNCTION(storm_hot)

extern char **environ;

static char plugins[2][4096];
static volatile bool finished;
static unsigned long rounds;

/* --- kinds: NULL, or what went wrong ------------------------------------------------------- */

static const char *work_known(unsigned round)
{
    static const unsigned steps[] = {0, 0, 1, 7, 2, 5, 8, 16, 3, 19};
    storm_hot(1);
    return work_step(round % 9 + 1) == steps[round % 9 + 1] ? NULL : "wrong result";
}

static const char *load(unsigned round)
{
    static const char *const names[] = {"plugin_one_hot", "plugin_two_hot"};
    void *handle = dlopen(plugins[round % 2], RTLD_NOW | RTLD_LOCAL);
    unsigned (*work)(int);

    if (!handle)
        return "dlopen";
    *(void **)&work = dlsym(handle, names[round % 2]);
    work(1);
    dlclose(handle);
    return NULL;
}

static const char *child_check(pid_t child, int wanted)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return "no child";
    return WIFEXITED(status) && WEXITSTATUS(status) == wanted ? NULL : "status of a child";
}

static const char *copy(unsigned round)
{
    pid_t child = fork();
    if (child == 0) {
        storm_hot(2);
        _exit((int)(round % 100));
    }
    return child_check(child, (int)(round % 100));
}

static const char *execute(unsigned round)
{
    char *arguments[] = {"sh", "-c", "exit 3", NULL};
    pid_t child = -1;

    if (round % 2)
        posix_spawnp(&child, "sh", NULL, NULL, arguments, environ);
    else if ((child = vfork()) == 0) {
        execvp("sh", arguments);
        _exit(1);
    }
    return child_check(child, 3);
}

static void *short_life(void *argument)
{
    storm_hot(1);
    return argument;
}

static const char *threads(unsigned round)
{
    pthread_t made[3];
    char results[3];
    void *result;

    for (int i = 0; i < 3; i++)
        if (pthread_create(&made[i], NULL, short_life, &results[i]) != 0)
            return "pthread_create";
    for (int i = 0; i < 3; i++)
        if (pthread_join(made[i], &result) != 0 || result != &results[i])
            return "pthread_join";
    (void)round;
    return NULL;
}

static const char *map(unsigned round)
{
    size_t size = (size_t)(round % 64 + 1) << 12;
    uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *made = malloc(size);
    const char *wrong = NULL;

    if (memory == MAP_FAILED || !made)
        return "no memory";
    memset(memory, (int)round, size);
    storm_hot(1);
    memcpy(made, memory, size);
    if (made[size - 1] != (uint8_t)round || mprotect(memory, size, PROT_NONE) != 0)
        wrong = "memory";
    munmap(memory, size);
    free(made);
    return wrong;
}

static __thread sigjmp_buf back;
static __thread volatile unsigned handled;

static void handle(int signal)
{
    storm_hot(1);
    handled++;
    if (signal == SIGUSR2)
        siglongjmp(back, 1);
}

static const char *handlers(unsigned round)
{
    static __thread char memory[SIGNAL_STACK];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)}, present;
    unsigned before = handled;

    if (sigaltstack(&stack, NULL) != 0 || sigaltstack(NULL, &present) != 0 ||
        present.ss_sp != memory)
        return "sigaltstack";
    if (sigsetjmp(back, 1) == 0)
        pthread_kill(pthread_self(), round % 2 ? SIGUSR1 : SIGUSR2);
    stack.ss_flags = SS_DISABLE;
    if (sigaltstack(&stack, NULL) != 0)
        return "sigaltstack back";
    return handled == before + 1 ? NULL : "a handler did not run";
}

static const char *descriptors(unsigned round)
{
    pid_t child = fork();
    (void)round;
    if (child == 0) {
        int first;
        close_range(3, ~0u, 0);
        first = open("/dev/null", O_RDONLY | O_CLOEXEC);
        storm_hot(1);
        _exit(first == 3 && fcntl(first, F_GETFD) == FD_CLOEXEC ? 0 : 1);
    }
    return child_check(child, 0);
}

static const char *(*const kinds[])(unsigned) = {work_known, load, copy,     execute,
                                                 threads,    map,  handlers, descriptors};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* --- the storm ------------------------------------------------------------------------------- */

static double used_seconds(void)
{
    double seconds = 0;
    for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
        struct rusage usage;
        getrusage(who, &usage);
        seconds += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    return seconds;
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double begin, share;

static void *blow(void *number)
{
    size_t kind = (size_t)number % KINDS;

    for (unsigned round = 0; !finished; round++) {
        const char *wrong = kinds[kind](round);
        if (wrong) {
            printf("kind %zu, round %u: %s\n", kind, round, wrong);
            fflush(stdout);
            _exit(1);
        }
        __atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED);
        while (!finished && used_seconds() > (now_seconds() - begin) * share + 1)
            usleep(20000);
    }
    return NULL;
}

static long lines_of(const char *path, const char *field)
{
    char line[512];
    long count = 0, value = 0;
    FILE *file = fopen(path, "re");

    while (file && fgets(line, sizeof(line), file)) {
        count++;
        if (field && strncmp(line, field, strlen(field)) == 0)
            value = atol(line + strlen(field));
    }
    if (file)
        fclose(file);
    return field ? value : count;
}

static long descriptors_open(void)
{
    long count = 0;
    for (int i = 0; i < 4096; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

int main(int count, char **arguments)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK | SA_RESTART};
    double seconds = count > 2 ? atof(arguments[1]) : 0;
    pthread_t made[THREADS];

    if (seconds <= 0)
        return 2;
    share = (count > 3 ? atof(arguments[3]) : 50) / 100;
    snprintf(plugins[0], sizeof(plugins[0]), "%s/plugin_one.so", arguments[2]);
    snprintf(plugins[1], sizeof(plugins[1]), "%s/plugin_two.so", arguments[2]);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    begin = now_seconds();
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&made[i], NULL, blow, (void *)i) != 0)
            return 2;
    for (int line = 1; line <= LINES; line++) {
        while (now_seconds() < begin + seconds * line / LINES)
            usleep(100000);
        printf("%.0f %ld %ld %ld %ld %lu\n", now_seconds() - begin,
               lines_of("/proc/self/status", "VmRSS:"), lines_of("/proc/self/maps", NULL),
               descriptors_open(), lines_of("/proc/self/status", "Threads:"),
               __atomic_load_n(&rounds, __ATOMIC_RELAXED));
        fflush(stdout);
    }
    finished = true;
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(made[i], NULL);
    puts("done");
    return 0;
}
