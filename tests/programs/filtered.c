/*
 * filtered FIRST[-LAST] PROGRAM ARGUMENTS...: the program with a system call filter to which the
 * calls of these numbers are fatal; -NUMBER: which answers it with EPERM, -NUMBER:ERROR: with that.
 * Exit status 77: the filter cannot be put in place.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {5, steps};
    char *rest;
    long number;

    if (count < 3)
        return 2;
    number = strtol(arguments[1], &rest, 10);
    steps[1].k = (unsigned)labs(number);
    steps[2].k = *rest == '-' ? (unsigned)strtoul(rest + 1, NULL, 10) : steps[1].k;
    if (number < 0)
        steps[3].k = SECCOMP_RET_ERRNO | (*rest == ':' ? (unsigned)atoi(rest + 1) : EPERM);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return 77;
    execv(arguments[2], arguments + 2);
    return 127;
}
