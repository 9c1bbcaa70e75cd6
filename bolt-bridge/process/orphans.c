#include "bolt-bridge/process/orphans.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bolt-bridge/process/remove.h"

#define MARK "PGO_BOLT_SESSION"
#define CHILDREN_FILE "/proc/thread-self/children"
/* Killing is given up after this many rounds: the program forks without end. */
#define ROUNDS 100

/* Room for the names of files to be removed, in the watcher. */
#define NAMES_SIZE (1 << 16)

static pid_t watcher;
static int watcher_socket = -1; /* our end; it stays open as long as we live */
static char mark[64];           /* NAME=VALUE */

static void pause_shortly(void)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    nanosleep(&pause, NULL);
}

/* Whether the environment that process `pid` was started with has our mark. */
static bool is_marked(const char *pid)
{
    static char environment[1 << 17];
    char path[64];
    size_t length = strlen(mark), used = 0;
    ssize_t got;

    snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    while (used < sizeof(environment) - 1 &&
           (got = read(file, environment + used, sizeof(environment) - 1 - used)) > 0)
        used += (size_t)got;
    close(file);
    environment[used] = '\0';
    for (size_t i = 0; i + length <= used; i += strlen(environment + i) + 1)
        if (strcmp(environment + i, mark) == 0)
            return true;
    return false;
}

/* In the watcher.  Returns how many were found. */
static unsigned kill_marked(void)
{
    unsigned found = 0;
    DIR *processes = opendir("/proc");
    const struct dirent *entry;

    while (processes && (entry = readdir(processes)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || !is_marked(entry->d_name))
            continue;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 1 && pid != getpid() && kill(pid, SIGKILL) == 0)
            found++;
    }
    if (processes)
        closedir(processes);
    return found;
}

/* The watcher's life: names arrive through the socket, each with its NUL, and then its end. */
static void watch(int end)
{
    static char names[NAMES_SIZE];
    char rest[256];
    size_t used = 0;
    ssize_t got;

    setsid(); /* Ctrl-C is not for it */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    dup2(end, STDIN_FILENO);
    /* Whoever reads our output must not wait for the watcher to end too. */
    close_range(1, ~0u, 0);
    do {
        bool full = used == NAMES_SIZE; /* what comes then is only read to see the end */
        got = full ? read(STDIN_FILENO, rest, sizeof(rest))
                   : read(STDIN_FILENO, names + used, NAMES_SIZE - used);
        used += got > 0 && !full ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    for (unsigned round = 0; round < ROUNDS && kill_marked(); round++)
        pause_shortly();
    for (size_t i = 0; i < used && memchr(names + i, '\0', used - i); i += strlen(names + i) + 1)
        remove_tree(names + i);
    _exit(0);
}

void orphans_remove_later(const char *path)
{
    orphans_prepare();
    /* One that no longer listens, or has enough names, is done without. */
    if (watcher_socket >= 0)
        send(watcher_socket, path, strlen(path) + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void orphans_prepare(void)
{
    struct timespec time;
    int ends[2];

    if (watcher)
        return;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    clock_gettime(CLOCK_REALTIME, &time);
    snprintf(mark, sizeof(mark), MARK "=%d-%lld%09ld", (int)getpid(), (long long)time.tv_sec,
             time.tv_nsec);
    setenv(MARK, mark + strlen(MARK) + 1, 1);
    watcher = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    watcher = fork();
    if (watcher == 0) {
        close(ends[1]);
        watch(ends[0]);
    }
    close(ends[0]);
    if (watcher < 0)
        close(ends[1]);
    else
        watcher_socket = ends[1];
}

/* Kills our children but the watcher; those that were dead already are only reaped. */
static bool kill_children(void)
{
    bool found = false;
    char *number = NULL;
    size_t capacity = 0;
    FILE *children = fopen(CHILDREN_FILE, "re");

    while (children && getdelim(&number, &capacity, ' ', children) > 0) {
        pid_t pid = (pid_t)strtol(number, NULL, 10);
        if (pid <= 0 || pid == watcher || waitpid(pid, NULL, WNOHANG) != 0)
            continue;
        found = true;
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(number);
    if (children)
        fclose(children);
    return found;
}

bool orphans_end(pid_t group, bool alone)
{
    /* Children of those killed become ours in turn. */
    bool found = alone && kill_children();

    kill(-group, SIGKILL);
    for (unsigned round = 0; alone && round < ROUNDS && kill_children(); round++)
        pause_shortly();
    return found;
}
