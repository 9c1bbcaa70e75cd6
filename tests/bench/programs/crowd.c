/*
 * The same fixed work by many:
 *
 *     crowd threads|workers|turns COUNT SIZE
 *
 * COUNT threads of one process, or COUNT forked workers, each sort, hash and
 * search SIZE times; or COUNT threads search by turns, 50 times for each of SIZE.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBERS 20000u
#define SLOTS 32768u

struct task {
    int turn, next_turn; /* pipes */
    uint32_t numbers[NUMBERS];
    uint32_t slots[SLOTS];
    unsigned seed, size;
    uint64_t result;
};

static int number_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static unsigned hash_all(struct task *task)
{
    unsigned collisions = 0;
    memset(task->slots, 0, sizeof(task->slots));
    for (unsigned i = 0; i < NUMBERS; i++) {
        uint32_t slot = task->numbers[i] * 2654435761u % SLOTS;
        while (task->slots[slot] && task->slots[slot] != task->numbers[i]) {
            slot = (slot + 1) % SLOTS;
            collisions++;
        }
        task->slots[slot] = task->numbers[i];
    }
    return collisions;
}

static unsigned search(const struct task *task, uint32_t wanted)
{
    unsigned low = 0, high = NUMBERS;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (task->numbers[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void *task_run(void *argument)
{
    struct task *task = argument;
    uint32_t random = task->seed;
    for (unsigned round = 0; round < task->size; round++) {
        for (unsigned i = 0; i < NUMBERS; i++)
            task->numbers[i] = random = random * 1664525u + 1013904223u;
        task->result += hash_all(task);
        qsort(task->numbers, NUMBERS, sizeof(task->numbers[0]), number_compare);
        for (unsigned i = 0; i < NUMBERS; i++)
            task->result += search(task, i * 214748u);
    }
    return NULL;
}

static int threads_run(struct task *tasks, unsigned count, void *(*work)(void *))
{
    pthread_t *threads = calloc(count, sizeof(*threads));
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        if (!threads || pthread_create(&threads[i], NULL, work, &tasks[i]) != 0)
            return 1;
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        sum += tasks[i].result;
    }
    printf("%llu\n", (unsigned long long)sum);
    free(threads);
    return 0;
}

static int workers_run(struct task *tasks, unsigned count)
{
    int failed = 0, status;
    for (unsigned i = 0; i < count; i++) {
        pid_t worker = fork();
        if (worker < 0)
            return 1;
        if (worker == 0) {
            task_run(&tasks[i]);
            exit(tasks[i].result == 0);
        }
    }
    while (wait(&status) > 0)
        failed |= status != 0;
    return failed;
}

/* Each turn is some tens of microseconds, as a server's answer is; then another thread's. */
static void *turn_take(void *argument)
{
    struct task *task = argument;
    char token;

    for (unsigned turn = 0; turn < 50 * task->size; turn++) {
        if (read(task->turn, &token, 1) != 1)
            return NULL;
        for (unsigned i = 0; i < 500; i++)
            task->result += search(task, task->seed = task->seed * 1664525u + 1013904223u);
        if (write(task->next_turn, &token, 1) != 1)
            return NULL;
    }
    return NULL;
}

static int turns_run(struct task *tasks, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int ends[2];
        if (pipe(ends) != 0)
            return 1;
        tasks[i].turn = ends[0];
        tasks[(i + count - 1) % count].next_turn = ends[1];
        for (unsigned number = 0; number < NUMBERS; number++)
            tasks[i].numbers[number] = number * 214748u;
    }
    if (write(tasks[count - 1].next_turn, "", 1) != 1)
        return 1;
    return threads_run(tasks, count, turn_take);
}

int main(int argc, char **argv)
{
    unsigned count = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    unsigned size = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    struct task *tasks = count ? calloc(count, sizeof(*tasks)) : NULL;
    int status;

    if (!tasks || size == 0) {
        fputs("usage: crowd threads|workers|turns COUNT SIZE\n", stderr);
        return 2;
    }
    for (unsigned i = 0; i < count; i++) {
        tasks[i].seed = i + 1;
        tasks[i].size = size;
    }
    if (strcmp(argv[1], "turns") == 0)
        status = turns_run(tasks, count);
    else if (strcmp(argv[1], "threads") == 0)
        status = threads_run(tasks, count, task_run);
    else
        status = workers_run(tasks, count);
    free(tasks);
    return status;
}
