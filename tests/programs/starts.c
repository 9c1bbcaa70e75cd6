/*
 * starts WAY PROGRAM: becomes or starts PROGRAM with the arguments "one" and "two", by the
 * function that WAY names, in its own environment.  Without arguments: the ways, a line each.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

int main(int count, char **given)
{
    static const char *const ways[] = {"execve",   "execv",       "execvp",       "execvpe",
                                       "execl",    "execlp",      "execle",       "fexecve",
                                       "execveat", "posix_spawn", "posix_spawnp", "vfork"};
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
    return 127;
}
