/*
 * starts WAY PROGRAM: becomes or starts PROGRAM with the arguments "one" and "two", by the
 * function that WAY names, in its own environment.  Without arguments: the ways, a line each.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u
#define MOST_VARIABLES 5000u

static int waited(pid_t process)
{
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_spawn(const char *way, const char *program, char **arguments)
{
    pid_t process;
    int result = strcmp(way, "posix_spawn") == 0
                     ? posix_spawn(&process, program, NULL, NULL, arguments, environ)
                     : posix_spawnp(&process, program, NULL, NULL, arguments, environ);
    return result ? 127 : waited(process);
}

static int by_vfork(const char *program, char **arguments)
{
    pid_t process = vfork();
    if (process == 0) {
        execve(program, arguments, environ);
        _exit(127);
    }
    return waited(process);
}

struct start {
    const char *program;
    char **arguments, **environment;
};

static int start_execve(void *argument)
{
    const struct start *start = argument;
    execve(start->program, start->arguments, start->environment);
    return 127;
}

/* In a child that has one page of stack, as those of runtimes that make their own. */
static int by_clone(const char *program, char **arguments)
{
    struct start start = {program, arguments, environ};
    char *memory = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    execve("", arguments, environ); /* libc's function is found on this stack */
    if (memory == MAP_FAILED || mprotect(memory + PAGE, PAGE, PROT_READ | PROT_WRITE) != 0)
        return 127;
    return waited(clone(start_execve, memory + 2 * PAGE, CLONE_VM | CLONE_VFORK | SIGCHLD, &start));
}

/* With more variables than most have. */
static int by_large_environment(const char *program, char **arguments)
{
    static char *variables[MOST_VARIABLES + 1], text[MOST_VARIABLES][16];
    struct start start = {program, arguments, variables};
    size_t count = 0;

    while (environ[count] && count < MOST_VARIABLES / 2)
        count++;
    memcpy(variables + MOST_VARIABLES - count, environ, count * sizeof(*variables));
    for (size_t i = 0; i < MOST_VARIABLES - count; i++) {
        snprintf(text[i], sizeof(text[i]), "V%zu=%zu", i, i);
        variables[i] = text[i];
    }
    return start_execve(&start);
}

int main(int count, char **given)
{
    static const char *const ways[] = {
        "execve",       "execv",  "execvp",      "execvpe",          "execl",
        "execlp",       "execle", "fexecve",     "execveat",         "posix_spawn",
        "posix_spawnp", "vfork",  "small-stack", "large-environment"};
    char *arguments[] = {given[2], "one", "two", NULL};
    const char *way = given[1], *program = given[2];

    for (size_t i = 0; count < 3 && i < sizeof(ways) / sizeof(ways[0]); i++)
        puts(ways[i]);
    if (count < 3)
        return 0;
    if (strcmp(way, "execve") == 0)
        execve(program, arguments, environ);
    else if (strcmp(way, "execv") == 0)
        execv(program, arguments);
    else if (strcmp(way, "execvp") == 0)
        execvp(program, arguments);
    else if (strcmp(way, "execvpe") == 0)
        execvpe(program, arguments, environ);
    else if (strcmp(way, "execl") == 0)
        execl(program, program, "one", "two", (char *)NULL);
    else if (strcmp(way, "execlp") == 0)
        execlp(program, program, "one", "two", (char *)NULL);
    else if (strcmp(way, "execle") == 0)
        execle(program, program, "one", "two", (char *)NULL, environ);
    else if (strcmp(way, "fexecve") == 0)
        fexecve(open(program, O_RDONLY | O_CLOEXEC), arguments, environ);
    else if (strcmp(way, "execveat") == 0)
        execveat(AT_FDCWD, program, arguments, environ, 0);
    else if (strncmp(way, "posix_spawn", 11) == 0)
        return by_spawn(way, program, arguments);
    else if (strcmp(way, "vfork") == 0)
        return by_vfork(program, arguments);
    else if (strcmp(way, "small-stack") == 0)
        return by_clone(program, arguments);
    else if (strcmp(way, "large-environment") == 0)
        return by_large_environment(program, arguments);
    return 127;
}
