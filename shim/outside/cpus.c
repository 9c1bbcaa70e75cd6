#include "shim/outside/cpus.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define DATA_SIZE (64u << 10) /* what 20 readings a second leave to be kept, several times */

/* 0 or a negative errno value. */
static int cpu_open(struct cpus *cpus, int number, int epoll, bool stacks, bool prompt)
{
    struct cpu *cpu = &cpus->cpus[cpus->count];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = cpus};
    struct ring_settings settings = {.thread = -1,
                                     .cpu = number,
                                     .data_size = DATA_SIZE,
                                     .wakeup_size = prompt ? 1 : DATA_SIZE / 2,
                                     .stacks = stacks};
    int result;

    pace_choose(&cpu->pace);
    settings.period_ns = cpu->pace.period_ns;
    result = ring_open(&cpu->ring, &settings);
    if (result == -ENODEV)
        return 0; /* this one is switched off */
    if (result < 0)
        return result;
    cpus->count++;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, cpu->ring.descriptor, &event) ? -errno : 0;
}

int cpus_open(struct cpus *cpus, int epoll, bool stacks, bool prompt)
{
    long configured = sysconf(_SC_NPROCESSORS_CONF);
    int result = 0;

    *cpus =
        (struct cpus){.cpus = calloc(configured > 0 ? (size_t)configured : 1, sizeof(struct cpu))};
    if (!cpus->cpus)
        return -ENOMEM;
    for (int number = 0; result == 0 && number < configured; number++)
        result = cpu_open(cpus, number, epoll, stacks, prompt);
    if (result == 0 && cpus->count == 0)
        result = -ENODEV;
    if (result < 0)
        cpus_close(cpus);
    return result;
}

void cpus_close(struct cpus *cpus)
{
    for (unsigned i = 0; i < cpus->count; i++)
        ring_close(&cpus->cpus[i].ring);
    free(cpus->cpus);
    *cpus = (struct cpus){0};
}
