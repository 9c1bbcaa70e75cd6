#include "bolt-bridge/process/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/base/text.h"
#include "bolt-bridge/process/orphans.h"

/* How long an interrupted child may tidy up before it is killed. */
#define GRACE_NANOSECONDS UINT64_C(500000000)

#define PROGRESS_NANOSECONDS UINT64_C(1000000000)

static volatile sig_atomic_t interrupt_signal;
static unsigned running; /* processes that were started and not finished */
static process_progress *progress;

static const int interrupting[] = {SIGINT, SIGTERM, SIGHUP};
#define INTERRUPTING (sizeof(interrupting) / sizeof(*interrupting))

uint64_t process_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void process_show_progress(process_progress *show)
{
    progress = show;
}

static void note_interrupt(int number)
{
    interrupt_signal = number;
}

/* SIGCHLD needs a handler, or it would not end ppoll(). */
static void note_child(int number)
{
    (void)number;
}

void process_catch_interrupts(void)
{
    for (size_t i = 0; i < INTERRUPTING; i++) {
        struct sigaction action = {.sa_handler = note_interrupt};
        struct sigaction before;
        /* What our parent ignores for us (nohup) stays ignored. */
        if (sigaction(interrupting[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(interrupting[i], &action, NULL);
    }
}

bool process_interrupted(struct error *error)
{
    if (!interrupt_signal)
        return false;
    error_set(error, ERROR_INTERRUPTED, "the work", "%s", strsignal(interrupt_signal));
    return true;
}

bool process_find_program(const char *name, char *path, size_t size)
{
    struct stat status;

    if (strchr(name, '/')) {
        if (path != name && (size_t)snprintf(path, size, "%s", name) >= size)
            return false;
        return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
    }
    const char *search = getenv("PATH");
    if (!search)
        search = "/usr/local/bin:/usr/bin:/bin";
    while (*name) {
        const char *end = strchrnul(search, ':');
        int wanted = snprintf(path, size, "%.*s%s%s", (int)(end - search), search,
                              end > search ? "/" : "./", name);
        if (wanted > 0 && (size_t)wanted < size && access(path, X_OK) == 0 &&
            stat(path, &status) == 0 && S_ISREG(status.st_mode))
            return true;
        if (!*end)
            break;
        search = end + 1;
    }
    return false;
}

/* Opens the three standard files.  On failure none is open and the error is set. */
static bool open_standard_files(const struct process *process, int files[3], struct error *error)
{
    const char *names[3] = {process->input_file, process->output_file, process->error_file};

    for (int i = 0; i < 3; i++) {
        const char *name = names[i] ? names[i] : "/dev/null";
        if (i > 0 && process->shows_output)
            files[i] = fcntl(process->shows_as_error ? STDERR_FILENO : i, F_DUPFD_CLOEXEC, 3);
        else
            files[i] =
                open(name, i == 0 ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                     0600);
        if (files[i] < 0) {
            error_set_errno(error, i == 0 ? ERROR_OPEN : ERROR_WRITE, name);
            while (i-- > 0)
                close(files[i]);
            return false;
        }
    }
    return true;
}

/* In the child: never returns.  Says through `report` why it could not execute. */
static void become(const char *path, const struct process *process, const int files[3], int report)
{
    char *const *environment = process->environment;
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* should we be killed ourselves */
    for (size_t i = 0; i < INTERRUPTING; i++) {
        struct sigaction before;
        if (sigaction(interrupting[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            signal(interrupting[i], SIG_DFL);
    }
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++)
        dup2(files[i], i);
    for (; environment && *environment; environment++)
        putenv(*environment);
    if (!process->directory || chdir(process->directory) == 0)
        execv(path, process->arguments); /* NOLINT: that PATH says what is run is what it is for */
    int reason = errno;
    if (write(report, &reason, sizeof(reason)) != (ssize_t)sizeof(reason))
        _exit(126);
    _exit(127);
}

static void set_exec_error(struct error *error, const char *path, int reason)
{
    if (reason == ENOENT && access(path, F_OK) == 0)
        error_set(error, ERROR_EXECUTE, path,
                  "its interpreter (the #! line, or the ELF loader) does not exist");
    else if (reason == ENOENT)
        error_set(error, ERROR_NO_SUCH_PROGRAM, path, NULL);
    else
        error_set(error, ERROR_EXECUTE, path, "%s", strerror(reason));
}

/* That its first thread has waited for a CPU; also of one that has ended and was not waited for.
 * Source: /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst). */
static uint64_t queued_time(pid_t process)
{
    char path[64], line[128], *end = line;
    uint64_t queued = 0;
    FILE *stream;

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)process);
    stream = fopen(path, "re");
    if (!stream)
        return 0;
    if (fgets(line, sizeof(line), stream)) {
        strtoull(line, &end, 10); /* that on a CPU comes first */
        queued = strtoull(end, NULL, 10);
    }
    fclose(stream);
    return queued;
}

bool process_start(struct process *process, struct error *error)
{
    char found[PATH_MAX];
    const char *path = process->path;
    int files[3], report[2], reason;

    process->pid = 0;
    if (process_interrupted(error))
        return false;
    if (!path) {
        if (!process_find_program(process->arguments[0], found, sizeof(found))) {
            error_set(error, ERROR_NO_SUCH_PROGRAM, process->arguments[0], NULL);
            return false;
        }
        path = found;
    }
    orphans_prepare();
    if (pipe2(report, O_CLOEXEC) < 0) {
        error_set_errno(error, ERROR_SYSTEM, "pipe");
        return false;
    }
    if (!open_standard_files(process, files, error)) {
        close(report[0]);
        close(report[1]);
        return false;
    }
    struct sigaction action = {.sa_handler = note_child, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    process->our_queue = queued_time(getpid());
    process->started_at = process_clock();
    pid_t pid = fork();
    if (pid == 0)
        become(path, process, files, report[1]);
    int fork_error = errno;
    close(report[1]);
    for (int i = 0; i < 3; i++)
        close(files[i]);
    if (pid < 0) {
        close(report[0]);
        errno = fork_error;
        error_set_errno(error, ERROR_SYSTEM, "fork");
        return false;
    }
    /* Both sides do it, so that the group exists whoever comes first. */
    setpgid(pid, pid);
    ssize_t got;
    do
        got = read(report[0], &reason, sizeof(reason));
    while (got < 0 && errno == EINTR);
    close(report[0]);
    if (got == (ssize_t)sizeof(reason)) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        set_exec_error(error, path, reason);
        return false;
    }
    process->pid = pid;
    running++;
    return true;
}

/* Sleeps until a signal arrives or the time comes; deadline 0: no time. */
static void sleep_until(uint64_t deadline, const sigset_t *open_mask)
{
    struct timespec rest, *limit = NULL;

    if (deadline) {
        uint64_t time = process_clock();
        uint64_t left = deadline > time ? deadline - time : 0;
        rest.tv_sec = (time_t)(left / 1000000000u);
        rest.tv_nsec = (long)(left % 1000000000u);
        limit = &rest;
    }
    ppoll(NULL, 0, limit, open_mask);
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void fill_result(struct process_result *result, int status, const struct rusage *usage)
{
    if (WIFSIGNALED(status)) {
        result->signal = WTERMSIG(status);
        result->core_dumped = WCOREDUMP(status);
    } else {
        result->exit_status = WEXITSTATUS(status);
    }
    result->user_nanoseconds = nanoseconds(usage->ru_utime);
    result->system_nanoseconds = nanoseconds(usage->ru_stime);
    result->peak_bytes = (uint64_t)usage->ru_maxrss * 1024u;
}

/* As wait4(): the process once it has ended, 0 where it runs still. */
static pid_t end_wait(const struct process *process, int *status, struct rusage *usage,
                      struct process_result *result)
{
    siginfo_t information = {0};

    if (waitid(P_PID, (id_t)process->pid, &information, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        information.si_pid == 0)
        return 0;
    result->queued_nanoseconds = queued_time(process->pid);
    return wait4(process->pid, status, 0, usage);
}

bool process_finish(struct process *process, struct process_result *result, struct error *error)
{
    uint64_t deadline =
        process->timeout > 0 ? process->started_at + (uint64_t)(process->timeout * 1e9) : 0;
    bool ending = false, killed = false;
    sigset_t blocked, before;
    struct rusage usage;
    pid_t waited;
    int status;

    memset(result, 0, sizeof(*result));
    /* Blocked outside ppoll(), so that nothing slips in between looking and sleeping. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    for (size_t i = 0; i < INTERRUPTING; i++)
        sigaddset(&blocked, interrupting[i]);
    sigprocmask(SIG_BLOCK, &blocked, &before);

    while ((waited = end_wait(process, &status, &usage, result)) == 0) {
        if (interrupt_signal && !ending) {
            kill(-process->pid, SIGTERM);
            deadline = process_clock() + GRACE_NANOSECONDS;
            ending = true;
        } else if (deadline && process_clock() >= deadline && !killed) {
            result->timed_out = !ending;
            kill(-process->pid, SIGKILL);
            killed = true;
            deadline = 0;
        }
        uint64_t wake = deadline;
        if (progress && process->label) {
            uint64_t time = process_clock();
            progress(process->label, (time - process->started_at) / 1000000000u);
            if (!wake || wake > time + PROGRESS_NANOSECONDS)
                wake = time + PROGRESS_NANOSECONDS;
        }
        sleep_until(wake, &before);
    }
    result->wall_nanoseconds = process_clock() - process->started_at;
    result->queued_nanoseconds += queued_time(getpid()) - process->our_queue;
    running--;
    result->left_running = orphans_end(process->pid, running == 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    process->pid = 0;
    if (waited < 0) {
        error_set_errno(error, ERROR_SYSTEM, "wait4");
        return false;
    }
    fill_result(result, status, &usage);
    return !process_interrupted(error);
}

bool process_run(struct process *process, struct process_result *result, struct error *error)
{
    return process_start(process, error) && process_finish(process, result, error);
}

bool process_has_ended(const struct process *process)
{
    siginfo_t information = {0};
    return waitid(P_PID, (id_t)process->pid, &information, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           information.si_pid != 0;
}

bool process_stop(struct process *process, double grace, struct process_result *result,
                  struct error *error)
{
    kill(process->pid, SIGTERM);
    process->timeout = (double)(process_clock() - process->started_at) / 1e9 + grace;
    return process_finish(process, result, error);
}

bool process_succeeded(const struct process_result *result)
{
    return !result->signal && !result->timed_out && result->exit_status == 0;
}

void process_describe(const struct process_result *result, char *text, size_t size)
{
    if (result->timed_out)
        snprintf(text, size, "took longer than %.0f s and was killed",
                 (double)result->wall_nanoseconds / 1e9);
    else if (result->signal)
        snprintf(text, size, "was killed by signal %d (%s)", result->signal,
                 strsignal(result->signal));
    else
        snprintf(text, size, "exited with status %d", result->exit_status);
}

void process_quote_tail(const char *file, unsigned lines, char *text, size_t size)
{
    char tail[2048 + 1];
    size_t used = 0;

    text[0] = '\0';
    FILE *stream = fopen(file, "re");
    if (!stream)
        return;
    /* From the beginning where it is shorter than what can be quoted. */
    bool placed =
        fseek(stream, 1 - (long)sizeof(tail), SEEK_END) == 0 || fseek(stream, 0, SEEK_SET) == 0;
    size_t length = placed ? fread(tail, 1, sizeof(tail) - 1, stream) : 0;
    fclose(stream);
    while (length > 0 && (tail[length - 1] == '\n' || tail[length - 1] == '\0'))
        length--;
    size_t start = length;
    while (start > 0) {
        if (tail[start - 1] == '\n' && --lines == 0)
            break;
        start--;
    }
    for (size_t i = start; i < length; i++)
        if (tail[i] == '\t' || tail[i] == '\0')
            tail[i] = ' ';
    tail[length] = '\0';
    char *rest = length > start ? tail + start : NULL, *line;
    while ((line = strsep(&rest, "\n")) != NULL && used + 5 < size) {
        memcpy(text + used, "\n  ", 3);
        used += 3;
        used += strlen(text_printable(line, text + used, size - used));
    }
    text[used] = '\0';
}
