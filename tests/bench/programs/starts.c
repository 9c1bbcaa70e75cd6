/*
 * starts ROUNDS PROCESSES PRELOAD FILE PROGRAM [ARGUMENT...]: what short processes cost, plain and
 * under a preload.  In each round the program is started PROCESSES times without the preload, with
 * it, and again without it; the first two are a pair, the first and the last say what the noise is.
 * Prints CPU time (user and system) a process, as medians of the rounds, and the ratios of their
 * sums.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MOST_ROUNDS 10000

enum { PLAIN, PRELOADED, AGAIN, WAYS };

static double used_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double run(int processes, char **command, char **environment)
{
    double before = used_us();
    pid_t process;

    for (int i = 0; i < processes; i++) {
        if (posix_spawnp(&process, command[0], NULL, NULL, command, environment) != 0) {
            perror(command[0]);
            exit(1);
        }
        waitpid(process, NULL, 0);
    }
    return (used_us() - before) / processes;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

int main(int count, char **arguments)
{
    static double times[WAYS][MOST_ROUNDS];
    static char preload[4096], file[4096], path[4096];
    char *plain[] = {path, NULL}, *preloaded[] = {path, preload, file, NULL};
    int rounds = count > 5 ? atoi(arguments[1]) : 0;
    double sum[WAYS] = {0};

    if (rounds < 1 || rounds > MOST_ROUNDS)
        return 2;
    snprintf(path, sizeof(path), "PATH=%s", getenv("PATH"));
    snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", arguments[3]);
    snprintf(file, sizeof(file), "PGOSHIM_FILE=%s", arguments[4]);
    for (int i = 0; i < rounds; i++)
        for (int way = 0; way < WAYS; way++) {
            times[way][i] =
                run(atoi(arguments[2]), arguments + 5, way == PRELOADED ? preloaded : plain);
            sum[way] += times[way][i];
        }
    for (int way = 0; way < WAYS; way++)
        qsort(times[way], (size_t)rounds, sizeof(double), compare);
    printf("%.0f us plain, %.0f us preloaded; ratio %.3f (plain again %.3f); of sums %.3f (%.3f)\n",
           times[PLAIN][rounds / 2], times[PRELOADED][rounds / 2],
           times[PRELOADED][rounds / 2] / times[PLAIN][rounds / 2],
           times[AGAIN][rounds / 2] / times[PLAIN][rounds / 2], sum[PRELOADED] / sum[PLAIN],
           sum[AGAIN] / sum[PLAIN]);
    return 0;
}
