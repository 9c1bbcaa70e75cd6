/*
 * copies KIND: a child that no fork handler hears of ends as KIND says, and then this process
 * must go on being recorded in the file that PGOSHIM_FILE names.
 *   exit      the child calls exit, with its destructors
 *   filter    the child puts a system call filter in place
 *   fork      the child forks through libc, and both call exit
 * Exit status 0: the file is there and gets samples.
 */
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/own_file.h"

#define MOST_SECONDS 60 /* of CPU time, for one more sample */

static void child_run(const char *kind)
{
    if (strcmp(kind, "filter") == 0) {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
        syscall(SYS_exit, 0);
    }
    if (strcmp(kind, "fork") == 0 && fork() > 0)
        wait(NULL);
    exit(0);
}

int main(int count, char **arguments)
{
    const struct pgoraw_header *header = own_file_map();
    uint64_t before;
    long child;

    if (count != 2 || !header)
        return 2;
    child = syscall(SYS_fork);
    if (child == 0)
        child_run(arguments[1]);
    waitpid((pid_t)child, NULL, 0);
    if (access(getenv("PGOSHIM_FILE"), F_OK) != 0) {
        puts("the file is gone");
        return 1;
    }
    before = own_file_counter(header, PGORAW_COUNT_SAMPLES);
    while (own_file_counter(header, PGORAW_COUNT_SAMPLES) == before)
        if (clock() > (clock_t)MOST_SECONDS * CLOCKS_PER_SEC) {
            puts("no sample any more");
            return 1;
        }
    return 0;
}
