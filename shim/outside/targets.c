#include "shim/outside/targets.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shim/core/budget/governor.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/store/store.h"

#define DATA_SIZE (16u << 10)      /* a dozen samples with deep chains */
#define MISSED_AGAIN_NS 100000000u /* between two looks at a process that makes code as it runs */

bool targets_open(struct targets *targets, bool stacks)
{
    struct rlimit descriptors;

    *targets = (struct targets){.stacks = stacks};
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
    while (targets->targets)
        target_remove(targets, targets->targets);
    if (targets->by_cpu)
        cpus_close(&targets->cpus);
    close(targets->epoll);
}

int targets_use_cpus(struct targets *targets, bool prompt)
{
    int result = cpus_open(&targets->cpus, targets->epoll, targets->stacks, prompt);
    targets->by_cpu = result == 0;
    return result;
}

struct target *targets_find(const struct targets *targets, pid_t process)
{
    struct target *target = targets->targets;
    while (target && target->id != process)
        target = target->next;
    return target;
}

static struct target *target_of(struct targets *targets, pid_t process)
{
    struct target *target = targets_find(targets, process);

    if (target)
        return target;
    target = calloc(1, sizeof(*target));
    if (!target)
        return NULL;
    *target = (struct target){
        .id = process, .descriptor = -1, .modules_stale = true, .next = targets->targets};
    if (clock_getcpuclockid(process, &target->clock) == 0)
        target->used_ns = system_clock(target->clock);
    targets->targets = target;
    return target;
}

void target_remove(struct targets *targets, struct target *target)
{
    struct target **link = &targets->targets;
    while (*link != target)
        link = &(*link)->next;
    *link = target->next;
    if (target->descriptor >= 0)
        close(target->descriptor);
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
    struct ring_settings settings = {.thread = thread,
                                     .cpu = -1,
                                     .data_size = DATA_SIZE,
                                     .wakeup_size = 1,
                                     .stacks = targets->stacks,
                                     .on_exec = on_exec};
    int result = -ENOMEM;

    if (task) {
        pace_choose(&task->pace);
        settings.period_ns = task->pace.period_ns;
        result = ring_open(&task->ring, &settings);
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

/* By CPU: hears of its end.  0 or a negative errno value. */
static int target_watch(struct targets *targets, struct target *target)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = target};

    target->descriptor = (int)syscall(SYS_pidfd_open, target->id, 0);
    return target->descriptor < 0 ||
                   epoll_ctl(targets->epoll, EPOLL_CTL_ADD, target->descriptor, &event)
               ? -errno
               : 0;
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

static uint64_t threads_count(pid_t process)
{
    char path[64];
    struct stat status;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
    return stat(path, &status) == 0 ? (uint64_t)status.st_nlink - 2 : 0;
}

int targets_add_process(struct targets *targets, pid_t process)
{
    struct target *target = target_of(targets, process);
    int failure = -ESRCH;

    if (!target)
        return -ENOMEM;
    if (targets->by_cpu) {
        store_count(store_header(), PGORAW_COUNT_THREADS, threads_count(process));
        failure = target_watch(targets, target);
        if (failure < 0)
            target_remove(targets, target);
        return failure;
    }
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

void targets_add_forked(struct targets *targets, struct target *parent, pid_t process)
{
    struct target *target;

    store_count(store_header(), PGORAW_COUNT_THREADS, 1);
    if (process == parent->id || targets_find(targets, process) ||
        !(target = target_of(targets, process)))
        return;
    store_count(store_header(), PGORAW_COUNT_PROCESSES, 1);
    target_watch(targets, target);
    /* It may have ended by now, or be about to. */
    target->modules_stale = !target_modules_copy(&target->modules, &parent->modules);
}

void targets_sweep(struct targets *targets)
{
    for (struct target *target = targets->targets, *next; target; target = next) {
        next = target->next;
        if (target->descriptor < 0)
            target_remove(targets, target);
    }
}

uint64_t targets_used(struct targets *targets)
{
    uint64_t sum = 0;

    for (struct target *target = targets->targets; target; target = target->next) {
        struct timespec now;
        uint64_t used;
        if (!target->clock || clock_gettime(target->clock, &now) != 0)
            continue;
        used = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        sum += used > target->used_ns ? used - target->used_ns : 0;
        target->used_ns = used;
    }
    return sum;
}

void targets_pause(struct targets *targets, bool pause)
{
    for (struct task *task = targets->tasks; task; task = task->next)
        ring_pause(&task->ring, pause);
    if (pause)
        return;
    for (struct target *target = targets->targets; target; target = target->next)
        target->modules_stale = true;
    targets_look(targets);
}

void targets_look(struct targets *targets)
{
    int failure;
    if (targets->by_cpu)
        return;
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

void target_executed(struct target *target)
{
    target_modules_free(&target->modules);
    target->modules_stale = true;
}

void target_missed(struct target *target)
{
    if (system_clock(CLOCK_MONOTONIC) - target->modules_at_ns >= MISSED_AGAIN_NS)
        modules_read(target);
}
