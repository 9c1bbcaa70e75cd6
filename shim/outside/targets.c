#include "shim/outside/targets.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shim/core/governor.h"
#include "shim/core/memory.h"
#include "shim/core/store/store.h"
#include "shim/core/system_call.h"

#define SAMPLES_A_PACE 16
#define MISSED_AGAIN_NS 100000000u /* between two looks at a process that makes code as it runs */

bool targets_open(struct targets *targets, bool stacks)
{
    struct rlimit descriptors;

    *targets =
        (struct targets){.stacks = stacks, .random_state = system_clock(CLOCK_MONOTONIC) | 1};
    /* A thread, a descriptor: as many as we may have. */
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
        descriptors.rlim_cur = descriptors.rlim_max;
        setrlimit(RLIMIT_NOFILE, &descriptors);
    }
    targets->epoll = epoll_create1(EPOLL_CLOEXEC);
    return targets->epoll >= 0;
}

void targets_close(struct targets *targets)
{
    while (targets->tasks)
        targets_remove_task(targets, targets->tasks);
    close(targets->epoll);
}

/* xorshift64* (Vigna): good enough to break step with the program. */
static uint64_t random_next(struct targets *targets)
{
    uint64_t x = targets->random_state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    targets->random_state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* The governor's period, give or take an eighth. */
static void period_choose(struct targets *targets, struct task *task)
{
    uint64_t period = governor_period();
    task->paced_for = period;
    task->samples_to_pace = SAMPLES_A_PACE;
    task->period_ns = period - period / 8 + random_next(targets) % (period / 4 + 1);
}

void task_keep_pace(struct targets *targets, struct task *task)
{
    if (--task->samples_to_pace && task->paced_for == governor_period())
        return;
    period_choose(targets, task);
    ring_pace(&task->ring, task->period_ns);
}

static struct target *target_of(struct targets *targets, pid_t process)
{
    struct target *target;

    for (target = targets->targets; target; target = target->next)
        if (target->id == process)
            return target;
    target = calloc(1, sizeof(*target));
    if (!target)
        return NULL;
    *target = (struct target){.id = process, .modules_stale = true, .next = targets->targets};
    targets->targets = target;
    return target;
}

static void target_remove(struct targets *targets, struct target *target)
{
    struct target **link = &targets->targets;
    while (*link != target)
        link = &(*link)->next;
    *link = target->next;
    target_modules_free(&target->modules);
    if (target->lookahead)
        system_unmap(target->lookahead, sizeof(*target->lookahead));
    free(target);
}

static bool task_known(const struct targets *targets, pid_t thread)
{
    for (const struct task *task = targets->tasks; task; task = task->next)
        if (task->id == thread)
            return true;
    return false;
}

/* 0 or a negative errno value. */
static int task_add(struct targets *targets, struct target *target, pid_t thread, bool on_exec)
{
    struct task *task = calloc(1, sizeof(*task));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = task};
    struct ring_settings settings = {.stacks = targets->stacks, .on_exec = on_exec};
    int result = -ENOMEM;

    if (task) {
        period_choose(targets, task);
        settings.period_ns = task->period_ns;
        result = ring_open(&task->ring, thread, &settings);
    }
    if (result == 0 && epoll_ctl(targets->epoll, EPOLL_CTL_ADD, task->ring.descriptor, &event)) {
        result = -errno;
        ring_close(&task->ring);
    }
    if (result < 0) {
        free(task);
        return result;
    }
    task->id = thread;
    task->target = target;
    task->next = targets->tasks;
    targets->tasks = task;
    target->tasks++;
    return 0;
}

/* Counts a thread as sampled or not; one that has ended meanwhile is neither. */
static void task_count(int result)
{
    struct pgoraw_header *header = store_header();
    if (header && result != -ESRCH)
        store_count(header, result == 0 ? PGORAW_COUNT_THREADS : PGORAW_COUNT_DROP_THREAD, 1);
}

void targets_remove_task(struct targets *targets, struct task *task)
{
    struct target *target = task->target;
    struct task **link = &targets->tasks;

    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
    ring_close(&task->ring);
    free(task);
    if (--target->tasks == 0)
        target_remove(targets, target);
}

/* Events for threads that have none; how many were added.  *failure: the last error. */
static unsigned threads_add(struct targets *targets, struct target *target, int *failure)
{
    char path[64];
    struct dirent *entry;
    unsigned added = 0;
    DIR *tasks;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)target->id);
    tasks = opendir(path);
    if (!tasks)
        *failure = -errno;
    while (tasks && (entry = readdir(tasks))) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        int result;
        if (thread <= 0 || task_known(targets, thread))
            continue;
        result = task_add(targets, target, thread, false);
        task_count(result);
        if (result == 0)
            added++;
        else
            *failure = result;
    }
    if (tasks)
        closedir(tasks);
    return added;
}

int targets_add_process(struct targets *targets, pid_t process)
{
    struct target *target = target_of(targets, process);
    int failure = -ESRCH;

    if (!target)
        return -ENOMEM;
    /* Threads may begin while we look: until nobody new is seen. */
    while (threads_add(targets, target, &failure))
        ;
    if (target->tasks)
        return 0;
    target_remove(targets, target);
    return failure;
}

int targets_add_command(struct targets *targets, pid_t process)
{
    struct target *target = target_of(targets, process);
    int result = target ? task_add(targets, target, process, true) : -ENOMEM;

    if (result < 0 && target)
        target_remove(targets, target);
    return result;
}

void targets_add_task(struct targets *targets, pid_t process, pid_t thread)
{
    struct target *target;
    int result;

    if (task_known(targets, thread))
        return;
    target = target_of(targets, process);
    if (!target)
        return;
    if (target->tasks == 0)
        store_count(store_header(), PGORAW_COUNT_PROCESSES, 1);
    result = task_add(targets, target, thread, false);
    task_count(result);
    if (target->tasks == 0)
        target_remove(targets, target);
}

void targets_look(struct targets *targets)
{
    int failure;
    for (struct target *target = targets->targets; target; target = target->next)
        threads_add(targets, target, &failure);
}

static void modules_read(struct target *target)
{
    target_modules_read(&target->modules, target->id);
    target->modules_stale = false;
    target->modules_at_ns = system_clock(CLOCK_MONOTONIC);
}

void target_use(struct target *target)
{
    memory_use_process(target->id);
    target_modules_use(&target->modules);
    if (target->modules_stale)
        modules_read(target);
}

void target_missed(struct target *target)
{
    if (system_clock(CLOCK_MONOTONIC) - target->modules_at_ns >= MISSED_AGAIN_NS)
        modules_read(target);
}
